package frq

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAddresses: every form of URL leads to the right place.
func TestAddresses(t *testing.T) {
	for url, wanted := range map[string]struct {
		hosts   []string
		db      int
		service string
		user    string
		secret  string
		cluster bool
		tls     bool
	}{
		"redis://localhost":                                   {hosts: []string{"localhost:6379"}},
		"redis://u:p%40ss@127.0.0.1:7000/3":                   {hosts: []string{"127.0.0.1:7000"}, db: 3, user: "u", secret: "p@ss"},
		"redis://[::1]:7000":                                  {hosts: []string{"[::1]:7000"}},
		"rediss://redis.example.org/1":                        {hosts: []string{"redis.example.org:6379"}, db: 1, tls: true},
		"redis+sentinel://:p@localhost,127.0.0.1:5000/main/2": {hosts: []string{"localhost:26379", "127.0.0.1:5000"}, db: 2, service: "main", secret: "p"},
		"rediss+cluster://a.example.org:7001,b.example.org":   {hosts: []string{"a.example.org:7001", "b.example.org:6379"}, cluster: true, tls: true},
		"unix:///run/redis.sock?db=4":                         {hosts: []string{"/run/redis.sock"}, db: 4},
	} {
		options, err := Address{URL: url}.options()
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if !slices.Equal(options.Addrs, wanted.hosts) || options.DB != wanted.db || options.MasterName != wanted.service ||
			options.Username != wanted.user || options.Password != wanted.secret || options.IsClusterMode != wanted.cluster ||
			(options.TLSConfig != nil) != wanted.tls {
			t.Errorf("%s: %+v", url, options)
		}
	}
}

// TestBadAddresses: a mistake in a URL is told without the password.
func TestBadAddresses(t *testing.T) {
	for url, wanted := range map[string]string{
		"http://localhost":               `begins with "http"`,
		"redis+raft://localhost":         "sentinel or cluster",
		"redis+sentinel://localhost":     "names no service",
		"redis://:hush@localhost/x":      "no number of a database",
		"redis://:hush@example.org":      "--insecure",
		"redis://us%zzer:hush@localhost": "cannot be read",
	} {
		_, err := Address{URL: url}.options()
		if err == nil || !strings.Contains(err.Error(), wanted) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", url, err)
		}
	}
	missing := filepath.Join(t.TempDir(), "ca.pem")
	if _, err := (Address{URL: "rediss://localhost", CA: missing}).options(); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("a missing certificate: %v", err)
	}
}

// TestPasswordIsNotShown: an address is printed without its password.
func TestPasswordIsNotShown(t *testing.T) {
	for _, url := range []string{
		"redis://u:hush@localhost:1/2", "redis+sentinel://:hush@a,b/main?sentinel_password=hush", "redis://:hu%zzsh@localhost",
	} {
		if shown := (Address{URL: url}).String(); strings.Contains(shown, "hush") || strings.Contains(shown, "zz") {
			t.Errorf("shown: %s", shown)
		}
	}
	sameText(t, "an address", Address{URL: "redis+cluster://u:p@a:1,b:2/"}.String(), "redis+cluster://u:xxxxx@a:1,b:2/")
}
