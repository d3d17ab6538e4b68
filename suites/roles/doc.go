// Package roles lets one executable be several programs, told apart by the name
// that it is called by: the command, the dashboard's launcher, the reference
// dashboard, the compiled suite and Ginkgo. So one file is all there is to
// install, and a test binary can do all that the command does.
package roles
