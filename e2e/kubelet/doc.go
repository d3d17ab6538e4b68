// Package kubelet is a stub of a kubelet: it answers what an API server asks of
// one for logs and terminals, with streams by Kubernetes' own library, and runs
// nothing. Every container of every pod says the same.
//
// It listens on a loopback port, and to the API server alone. It knows no
// dashboard and no scenario, and makes no objects in the cluster.
package kubelet
