package worker

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/flowrun/flowrun/go_worker/frq"
)

// Values that stand where none is given.
const (
	DefaultRedisURL = "redis://127.0.0.1:6379/0"
	DefaultListen   = "127.0.0.1:9464"
	DefaultGrace    = 25 * time.Second // less than the 30 s that Kubernetes waits
)

// Options say what a worker serves, and how. What is empty has its default.
type Options struct {
	RedisURL    string
	Queue       string
	Prefix      string        // of all keys
	Slots       int           // attempts at a time; GOMAXPROCS if 0
	Lease       time.Duration // after which others take over from a silent worker
	Grace       time.Duration // for attempts to end when the worker stops; negative: none
	TLSCA       string        // files in PEM
	TLSCert     string
	TLSKey      string
	Insecure    bool   // allow Redis on another host without TLS
	HMACKeyFile string // one key a line; tasks must then be signed with one of them
	Listen      string // address of health and metrics; empty: none
	InlineLimit int    // bytes up to which a result stands in its message
	Labels      Labels // what is said of the worker where workers are shown
}

// complete fills in defaults and checks the rest.
func (o Options) complete() (Options, error) {
	o.RedisURL = first(o.RedisURL, DefaultRedisURL)
	o.Queue = first(o.Queue, frq.DefaultQueue)
	o.Prefix = first(o.Prefix, frq.DefaultPrefix)
	o.Slots = first(o.Slots, runtime.GOMAXPROCS(0))
	o.Lease = first(o.Lease, frq.DefaultLease)
	o.Grace = max(first(o.Grace, DefaultGrace), 0)
	o.InlineLimit = first(o.InlineLimit, frq.DefaultInlineLimit)
	switch {
	case o.Slots < 1:
		return o, fmt.Errorf("slots is %d; at least 1 is needed", o.Slots)
	case o.Lease < frq.ShortestLease || o.Lease > frq.LongestLease:
		return o, fmt.Errorf("lease is %s; %s to %s are allowed", o.Lease, frq.ShortestLease, frq.LongestLease)
	case o.InlineLimit < 0 || o.InlineLimit > frq.HardInlineLimit:
		return o, fmt.Errorf("inline-limit is %d; 1 to %d are allowed", o.InlineLimit, frq.HardInlineLimit)
	case (o.TLSCert == "") != (o.TLSKey == ""):
		return o, errors.New("tls-cert and tls-key belong together; one of them is missing")
	}
	return o, nil
}

func first[T comparable](given, missing T) T {
	var none T
	if given == none {
		return missing
	}
	return given
}

func (o Options) address() frq.Address {
	return frq.Address{URL: o.RedisURL, CA: o.TLSCA, Cert: o.TLSCert, Key: o.TLSKey, Insecure: o.Insecure}
}

func (o Options) settings(name string) (frq.Settings, error) {
	settings := frq.Settings{Worker: name, Lease: o.Lease, InlineLimit: o.InlineLimit}
	var err error
	if settings.Keys, err = frq.NewKeys(o.Prefix, o.Queue); err != nil {
		return settings, err
	}
	if o.HMACKeyFile != "" {
		settings.SigningKeys, err = frq.ReadSigningKeys(o.HMACKeyFile)
	}
	return settings, err
}

// commandLine are the options as flags and environment variables give them.
type commandLine struct {
	Options
	log      string
	logLevel string
	rest     []string
}

// variables are the environment variables of flags that are named otherwise.
var variables = map[string]string{"redis": "FLOWRUN_REDIS_URL"}

func variableOf(flag string) string {
	if name, ok := variables[flag]; ok {
		return name
	}
	return "FLOWRUN_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// parse reads flags over environment over defaults.
func parse(program string, args []string, environment func(string) (string, bool), help io.Writer) (commandLine, error) {
	var line commandLine
	set := flag.NewFlagSet(program, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	line.define(set)
	var failed error
	set.VisitAll(func(one *flag.Flag) {
		if value, ok := environment(variableOf(one.Name)); ok && value != "" {
			if err := set.Set(one.Name, value); err != nil && failed == nil {
				failed = fmt.Errorf("%s is %q: %w", variableOf(one.Name), value, err)
			}
		}
	})
	if failed != nil {
		return line, failed
	}
	labels := line.Labels
	line.Labels = nil
	err := set.Parse(args)
	if line.Labels == nil {
		line.Labels = labels
	}
	if errors.Is(err, flag.ErrHelp) {
		usage(set, help)
	}
	line.rest = set.Args()
	if line.Grace == 0 {
		line.Grace = -1 // a zero that was given is no default
	}
	return line, err
}

func (l *commandLine) define(set *flag.FlagSet) {
	set.StringVar(&l.RedisURL, "redis", DefaultRedisURL, "`URL` of Redis: redis, rediss, unix, redis+sentinel, redis+cluster")
	set.StringVar(&l.Queue, "queue", frq.DefaultQueue, "`name` of the queue to serve")
	set.StringVar(&l.Prefix, "prefix", frq.DefaultPrefix, "`text` before all keys")
	set.IntVar(&l.Slots, "slots", runtime.GOMAXPROCS(0), "attempts at a time")
	set.DurationVar(&l.Lease, "lease", frq.DefaultLease, "`time` after which others take over from a silent worker")
	set.DurationVar(&l.Grace, "grace", DefaultGrace, "`time` for attempts to end when the worker stops")
	set.StringVar(&l.TLSCA, "tls-ca", "", "`file` with the certificate of the authority that Redis is checked with")
	set.StringVar(&l.TLSCert, "tls-cert", "", "`file` with the certificate of this worker")
	set.StringVar(&l.TLSKey, "tls-key", "", "`file` with the key of this worker's certificate")
	set.BoolVar(&l.Insecure, "insecure", false, "allow Redis on another host without TLS")
	set.StringVar(&l.HMACKeyFile, "hmac-key-file", "", "`file` with one key a line; tasks must be signed with one of them")
	set.StringVar(&l.Listen, "listen", DefaultListen, "`address` of /healthz, /readyz and /metrics; '' for none")
	set.IntVar(&l.InlineLimit, "inline-limit", frq.DefaultInlineLimit, "`bytes` up to which a result stands in its message")
	set.Var(&l.Labels, "labels", "`KEY=VALUE` to say of the worker where workers are shown; several with commas")
	set.StringVar(&l.log, "log", "text", "`form` of the worker's own log: text or json")
	set.StringVar(&l.logLevel, "log-level", "info", "`level` of the worker's own log: debug, info, warn or error")
}

func usage(set *flag.FlagSet, into io.Writer) {
	_, _ = fmt.Fprintf(into, `Serve tasks of flowrun from a queue in Redis.

  %[1]s [flags]            serve
  %[1]s [flags] handlers   the names of the handlers and the schemas of their parameters, as JSON
  %[1]s [flags] health     whether the worker that listens is well
  %[1]s version

Each flag has an environment variable; the flag is stronger.

`, set.Name())
	set.VisitAll(func(one *flag.Flag) {
		kind, text := flag.UnquoteUsage(one)
		_, _ = fmt.Fprintf(into, "  --%-24s %s (%s", strings.TrimSpace(one.Name+" "+strings.ToUpper(kind)), text, variableOf(one.Name))
		if one.DefValue != "" && one.DefValue != "false" {
			_, _ = fmt.Fprintf(into, ", default %s", one.DefValue)
		}
		_, _ = fmt.Fprintln(into, ")")
	})
}
