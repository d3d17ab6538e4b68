package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/live"
	stands "github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
)

// StandVariable names the environment variable that tells the suite which
// stand to attach to. Without it the suite brings up one of its own.
const StandVariable = "HEADLAMP_CONFORMANCE_STAND"

// OwnStandVariable names the environment variable that lets the tests of this
// module bring up a stand of their own.
const OwnStandVariable = "HEADLAMP_CONFORMANCE_OWN_STAND"

// ProgressVariable names the environment variable that tells the suite on which
// socket somebody wants to hear what its specs are doing.
const ProgressVariable = "HEADLAMP_CONFORMANCE_PROGRESS"

// standTimeout is the longest that bringing a stand up may take when nothing
// is in the cache yet.
const standTimeout = 30 * time.Minute

var (
	stand      *stands.Attachment
	liveSender *live.Sender
)

// Run runs the suite's plan. The scenarios are those whose packages are linked
// in.
func Run(t ginkgo.GinkgoTestingT) bool {
	gomega.RegisterFailHandler(ginkgo.Fail)
	plan, err := loadPlan()
	for _, planned := range plan {
		err = errors.Join(err, describe(planned))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		t.Fail()
		return false
	}
	return ginkgo.RunSpecs(t, "headlamp-conformance")
}

// The first process brings the stand up, if nobody has; every process attaches.
var _ = ginkgo.SynchronizedBeforeSuite(func(ctx ginkgo.SpecContext) []byte {
	if path := os.Getenv(StandVariable); path != "" {
		return []byte(path)
	}
	own, err := bringUp(ctx)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	ginkgo.DeferCleanup(own.Stop)
	return []byte(own.DescriptorPath())
}, func(ctx context.Context, path []byte) {
	attached, err := stands.Attach(string(path))
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	ginkgo.DeferCleanup(attached.Close)
	stand = attached
	if socket := os.Getenv(ProgressVariable); socket != "" {
		liveSender, err = live.Dial(socket)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
		ginkgo.DeferCleanup(liveSender.Close)
	}
}, ginkgo.NodeTimeout(standTimeout))
