// Package wire is a recording reverse proxy: TLS in, TLS or plain out, watches
// and WebSockets passed through, every request recorded without its secrets.
//
// Front, tap and impersonator are made of it. It changes nothing on the way but
// what its maker asks for.
package wire
