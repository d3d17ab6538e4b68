package dashboard

import (
	"io"
	"net"
	"sync"
)

// carry joins every connection that comes with one of its own, until the listener
// is closed. One that leads nowhere is broken off.
func carry(listener net.Listener, network, address string) {
	for {
		came, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer came.Close()
			made, err := net.Dial(network, address)
			if err != nil {
				return
			}
			defer made.Close()
			var both sync.WaitGroup
			both.Go(func() { pour(made, came) })
			both.Go(func() { pour(came, made) })
			both.Wait()
		}()
	}
}

// pour passes on what comes, and its end: whoever reads learns that nothing more
// will come, and may go on talking.
func pour(to, from net.Conn) {
	_, err := io.Copy(to, from)
	half, can := to.(interface{ CloseWrite() error })
	if err == nil && can && half.CloseWrite() == nil {
		return
	}
	// What broke off one way is of no use the other way either.
	_ = to.Close()
	_ = from.Close()
}
