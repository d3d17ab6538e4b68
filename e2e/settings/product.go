package settings

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/headlamp-conformance/headlamp-conformance/e2e/stand"
)

// product is the product in the impersonator's place, or nil.
func (s Settings) product() *stand.Product {
	if s.Impersonator == "" {
		return nil
	}
	authority := s.ImpersonatorCA
	if authority != "" {
		// The working directory is there: the report directory was found from it.
		authority, _ = filepath.Abs(authority)
	}
	return &stand.Product{URL: s.Impersonator, CAFile: authority, TapPort: s.TapPort}
}

func (s Settings) productMistakes() []error {
	if s.Impersonator == "" {
		if s.ImpersonatorCA != "" || s.TapPort != 0 {
			return []error{errors.New("--impersonator-ca and --tap-port are about another product in the impersonator's place: name it with --impersonator")}
		}
		return nil
	}
	var mistakes []error
	if address, err := url.Parse(s.Impersonator); err != nil || address.Scheme != "https" || address.Host == "" {
		mistakes = append(mistakes, fmt.Errorf("the impersonator's address %q is none; give one as https://127.0.0.1:8443", s.Impersonator))
	}
	if s.Identity != "proxy" {
		mistakes = append(mistakes, fmt.Errorf("an impersonator stands in the identity mode proxy alone, not in %s; give --identity proxy", s.Identity))
	}
	if err := checkPort(s.TapPort); err != nil {
		mistakes = append(mistakes, fmt.Errorf("the port of the tap, which the impersonator passes requests on to (--tap-port): %w", err))
	}
	if s.ImpersonatorCA != "" {
		if _, err := os.ReadFile(s.ImpersonatorCA); err != nil {
			mistakes = append(mistakes, fmt.Errorf("the authority of the impersonator's certificate: %w", err))
		}
	}
	return mistakes
}
