// Package ports hands out free loopback ports for programs that cannot be
// given a listener, so that several runs on one machine never collide.
//
// What listens inside our own processes asks the kernel for port 0 instead.
package ports
