package judge

import (
	"github.com/headlamp-conformance/headlamp-conformance/e2e/timeline"
)

// survivedOutage: Keycloak was lost while the dashboard wanted to refresh, came
// back before the token expired, and refreshed the session then.
func survivedOutage(line timeline.Timeline, _ Rule) []Finding {
	lost, was := line.Acted(timeline.ProviderLost)
	if !was {
		return missing(NothingSeen, "Keycloak was never lost")
	}
	back, was := line.Since(lost.At).Acted(timeline.ProviderBack)
	if !was {
		return missing(NothingSeen, "Keycloak was lost and never came back")
	}
	if _, missed := line.Since(lost.At).Until(back.At).Acted(timeline.ProviderMissed); !missed {
		return []Finding{found(NothingSeen, back, "while Keycloak was lost the dashboard did not try to reach it: this outage was none")}
	}
	tokens := line.Until(lost.At).Tokens()
	if len(tokens) == 0 {
		return missing(NothingSeen, "no token of the user was seen before Keycloak was lost")
	}
	if expiry := tokens[len(tokens)-1].ExpiresAt; !back.At.Before(expiry) {
		return []Finding{found(NothingSeen, back, "Keycloak was lost until the token had expired, so nothing can be said of the dashboard")}
	}
	for _, event := range line.Since(back.At).Events {
		if atKeycloak(line, event, timeline.Refresh) {
			return nil
		}
	}
	return missing(NotRefreshed, "after Keycloak had come back the dashboard refreshed nothing")
}

// slowAnswers: Keycloak's token endpoint was slow, and the dashboard had to wait
// for at least one of its answers.
func slowAnswers(line timeline.Timeline, _ Rule) []Finding {
	slowed, was := line.Acted(timeline.ProviderSlowed)
	if !was {
		return missing(NothingSeen, "Keycloak was never slow")
	}
	if _, late := line.Since(slowed.At).Acted(timeline.ProviderLate); !late {
		return missing(NothingSeen, "no answer of Keycloak's token endpoint came late")
	}
	return nil
}

// discoveredElsewhere: the dashboard learned who Keycloak is at another address
// than the one that tokens name.
func discoveredElsewhere(line timeline.Timeline, _ Rule) []Finding {
	if _, was := line.Acted(timeline.ProviderDiscovered); !was {
		return missing(NothingSeen, "the dashboard did not learn at the other address who Keycloak is")
	}
	return nil
}
