// Package cluster runs a real etcd and a real kube-apiserver as local
// processes, and does in them what an administrator does.
//
// There is no controller manager and no kubelet but the stub in e2e/kubelet:
// objects are what they are.
// The package knows no dashboard and no scenario.
package cluster
