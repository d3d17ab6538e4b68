// Package identity holds the promises about as whom the dashboard acts. One
// file is one promise.
package identity
