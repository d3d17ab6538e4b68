// Package admission lets only so many logins load a page at a time, over all
// processes of a run: a page's load costs five CPU seconds, and eight at once
// on two cores make every one of them look broken.
package admission
