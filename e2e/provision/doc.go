// Package provision makes sure that a machine has what a run needs: a browser,
// its trust tool, Java and Maven from the system's packages, and etcd and
// kube-apiserver built from their Go modules. It says what it does, and does
// nothing twice.
//
// It starts nothing that lives on.
package provision
