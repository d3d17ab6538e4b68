package dashboard

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// testName is the name under which the test binary is a dashboard that tells
// what it sees.
const testName = "test-dashboard"

func TestMain(m *testing.M) {
	Isolate()
	if filepath.Base(os.Args[0]) == testName {
		fmt.Println(serveWhatIsSeen(os.Args[1:]))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// seen is what a dashboard finds where it runs.
type seen struct {
	Account map[string]string // content of the service account's files
	Run     []string          // what is in /var/run
	Env     []string
	Devices []string // of its network
	// Reached says which addresses of --reach answered.
	Reached map[string]string
}

// whoAnswers is what an HTTP server at an address says, or nothing.
func whoAnswers(address string) string {
	response, err := http.Get("http://" + address)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return string(body)
}

func serveWhatIsSeen(arguments []string) error {
	flags := flag.NewFlagSet(testName, flag.ContinueOnError)
	flags.Bool("in-cluster", false, "")
	address := flags.String("listen-addr", "", "")
	port := flags.Int("port", 0, "")
	cluster := flags.String("in-cluster-context-name", "", "")
	reach := flags.String("reach", "", "")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	found := seen{Account: map[string]string{}, Env: os.Environ(), Reached: map[string]string{}}
	devices, err := net.Interfaces()
	if err != nil {
		return err
	}
	for _, device := range devices {
		found.Devices = append(found.Devices, device.Name)
	}
	for address := range strings.SplitSeq(*reach, ",") {
		found.Reached[address] = whoAnswers(address)
	}
	for _, name := range []string{"token", "ca.crt", "namespace"} {
		content, err := os.ReadFile(filepath.Join(accountPath, name))
		if err != nil {
			return err
		}
		found.Account[name] = string(content)
	}
	entries, err := os.ReadDir("/var/run")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		found.Run = append(found.Run, entry.Name())
	}
	http.HandleFunc("/config", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"clusters": []any{map[string]string{"name": *cluster}}})
	})
	http.HandleFunc("/seen", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(found) })
	return http.ListenAndServe(net.JoinHostPort(*address, strconv.Itoa(*port)), nil)
}
