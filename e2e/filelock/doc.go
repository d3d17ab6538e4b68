// Package filelock is a lock between processes that the kernel frees with its
// holder: the cache's preparation, the leases of realms and the places to log
// in are each such a lock.
package filelock
