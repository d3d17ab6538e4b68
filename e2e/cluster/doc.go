// Package cluster runs a real etcd and a real kube-apiserver as local
// processes, and does in them what an administrator does.
//
// There is no kubelet and no controller manager: objects are what they are.
// The package knows no dashboard and no scenario.
package cluster
