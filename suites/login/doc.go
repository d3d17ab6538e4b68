// Package login holds the promises about logging in. One file is one promise.
package login
