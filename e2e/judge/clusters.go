package judge

import "github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"

// eachClusterHeld: the dashboard has several clusters, each with users of its own.
// The session at each of them went past Count expiries, was refreshed at its own
// issuer and served before and after each, and nothing of it was refused.
func eachClusterHeld(line timeline.Timeline, rule Rule) []Finding {
	clusters := line.EachCluster()
	if len(clusters) < 2 {
		return missing(NothingSeen, "the dashboard has one cluster, so nothing can be said of another")
	}
	var findings []Finding
	for _, cluster := range clusters {
		for _, part := range []func(timeline.Timeline, Rule) []Finding{expiriesCrossed, servedAroundExpiry, refreshed, answeredAtFront} {
			for _, finding := range part(cluster, rule) {
				finding.Text = "cluster " + cluster.Header.Cluster + ": " + finding.Text
				findings = append(findings, finding)
			}
		}
	}
	return findings
}

// answeredAtFront: from the login to the end of the hold, no request to the cluster
// was refused, as the front saw.
func answeredAtFront(line timeline.Timeline, _ Rule) []Finding {
	hold, held := line.Hold()
	if !held {
		return missing(NothingSeen, "no session was held")
	}
	var findings []Finding
	asked := false
	for _, event := range hold.Of(timeline.Front, timeline.Responded) {
		if toCluster(line, event) {
			asked = true
			findings = append(findings, blip(line, event)...)
		}
	}
	if !asked {
		return missing(NothingSeen, "the front saw no request to the cluster during the hold")
	}
	return findings
}
