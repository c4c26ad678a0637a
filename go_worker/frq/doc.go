// Package frq is the wire between flowrun and its workers: keys, messages and the Lua scripts of the protocol frq/1,
// and the Broker through which a worker takes attempts and gives their results.
//
// Who writes handlers needs only the package worker.
package frq
