package frq

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Address says where Redis is, and how to be let in.
type Address struct {
	// URL is one of
	//
	//	redis://[user:password@]host[:port][/db]           rediss:// with TLS
	//	redis+sentinel://[user:password@]host,host/service[/db]
	//	redis+cluster://[user:password@]host,host
	//	unix:///path/of/socket[?db=1]
	URL string
	// CA, Cert and Key are PEM files; Cert and Key for servers that want to know who comes.
	CA, Cert, Key string
	// Insecure allows another host without TLS.
	Insecure bool
}

// String is the URL without the password.
func (a Address) String() string {
	parsed, list, err := a.parse()
	if err != nil {
		return "(a URL that cannot be read)"
	}
	parsed.Host = list
	if query := parsed.Query(); query.Has("sentinel_password") {
		query.Set("sentinel_password", "xxxxx")
		parsed.RawQuery = query.Encode()
	}
	return parsed.Redacted()
}

// parse gives the list of hosts apart, as it is none in the eyes of net/url.
func (a Address) parse() (*url.URL, string, error) {
	scheme, rest, _ := strings.Cut(a.URL, "://")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	start := strings.LastIndex(rest[:end], "@") + 1
	parsed, err := url.Parse(scheme + "://" + rest[:start] + "hosts" + rest[end:])
	if err != nil {
		return nil, "", errors.New("the URL of Redis cannot be read; write it like redis://host:6379/0")
	}
	return parsed, rest[start:end], nil
}

// Explain adds to an error of a connection what its reader may not guess.
func (a Address) Explain(err error) error {
	if errors.Is(err, io.EOF) && strings.HasPrefix(a.URL, "redis:") {
		return fmt.Errorf("the other side hung up; a port that speaks TLS needs a URL with rediss:// (%w)", err)
	}
	return err
}

// options are how go-redis is told. Nothing is sent twice by it: whoever calls knows what may be repeated.
func (a Address) options() (*redis.UniversalOptions, error) {
	parsed, list, err := a.parse()
	if err != nil {
		return nil, err
	}
	options := &redis.UniversalOptions{
		MaxRetries:               -1,
		DialerRetries:            1,
		DisableIdentity:          true, // CLIENT SETINFO is not among the commands that a worker may use
		ContextTimeoutEnabled:    true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	options.Username = parsed.User.Username()
	options.Password, _ = parsed.User.Password()
	if err := a.place(options, parsed, list); err != nil {
		return nil, err
	}
	return options, nil
}

func (a Address) place(options *redis.UniversalOptions, parsed *url.URL, list string) error {
	scheme, kind, _ := strings.Cut(parsed.Scheme, "+")
	if scheme == "unix" {
		options.Addrs = []string{parsed.Path}
		return database(options, parsed.Query().Get("db"))
	}
	if scheme != "redis" && scheme != "rediss" {
		return fmt.Errorf("the URL of Redis begins with %q; redis, rediss, unix, redis+sentinel and redis+cluster are known", parsed.Scheme)
	}
	options.Addrs = hosts(list, kind)
	if err := a.secure(options, scheme == "rediss"); err != nil {
		return err
	}
	path := strings.Split(strings.Trim(parsed.Path, "/"), "/")
	switch kind {
	case "":
		return database(options, path[0])
	case "cluster":
		options.IsClusterMode = true
		return nil
	case "sentinel":
		if path[0] == "" {
			return errors.New("the URL of Redis names no service; write redis+sentinel://host,host/service")
		}
		options.MasterName = path[0]
		options.SentinelUsername, options.SentinelPassword = parsed.Query().Get("sentinel_user"), parsed.Query().Get("sentinel_password")
		return database(options, strings.Join(path[1:], ""))
	}
	return fmt.Errorf("the URL of Redis begins with %q; after + stands sentinel or cluster", parsed.Scheme)
}

func hosts(list, kind string) []string {
	port := "6379"
	if kind == "sentinel" {
		port = "26379"
	}
	var found []string
	for _, host := range strings.Split(list, ",") {
		if host == "" {
			host = "localhost"
		}
		if _, _, err := net.SplitHostPort(host); err != nil {
			host = net.JoinHostPort(strings.Trim(host, "[]"), port)
		}
		found = append(found, host)
	}
	return found
}

func database(options *redis.UniversalOptions, text string) error {
	if text == "" {
		return nil
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < 0 {
		return fmt.Errorf("%q in the URL of Redis is no number of a database", text)
	}
	options.DB = number
	return nil
}

func (a Address) secure(options *redis.UniversalOptions, wanted bool) error {
	if !wanted {
		for _, address := range options.Addrs {
			if !a.Insecure && !isLoopback(address) {
				return fmt.Errorf("redis://%s would be spoken to without TLS; use rediss://, or allow it with --insecure", address)
			}
		}
		return nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if a.CA != "" {
		pem, err := os.ReadFile(a.CA)
		if err != nil {
			return err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("%s: there is no certificate in it", a.CA)
		}
	}
	if a.Cert != "" {
		pair, err := tls.LoadX509KeyPair(a.Cert, a.Key)
		if err != nil {
			return fmt.Errorf("the certificate of this worker: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	options.TLSConfig = config
	return nil
}

func isLoopback(address string) bool {
	host, _, _ := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
