// Package installation is one deployment of the dashboard for one spec: a
// leased realm with its users, a tap, a front, replicas, and a browser profile
// of its own, unless it is bare. It shares nothing with another installation but
// the stand.
//
// It does what a person and an administrator do, and gathers what the witnesses
// saw. It asserts nothing, and it knows no test framework.
package installation
