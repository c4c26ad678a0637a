package frq

// Major is the version of the protocol that is spoken here, as it stands in every message.
const Major = "1"

// Minor tells in the description of a worker what else it understands.
const Minor = "frq/1.0"

// Status says how an attempt ended.
type Status string

// The statuses of a result.
const (
	OK        Status = "ok"
	Failed    Status = "failed"
	Cancelled Status = "cancelled"
	TimedOut  Status = "timeout"
	Lost      Status = "lost"
	Rejected  Status = "rejected"
	Expired   Status = "expired"
)

// Codes of the error in a result that is not ok.
const (
	CodeException          = "exception"
	CodePanic              = "panic"
	CodeResultTooLarge     = "result_too_large"
	CodeNotSerialisable    = "not_serialisable"
	CodeCancelled          = "cancelled"
	CodeTimeout            = "timeout"
	CodeDeadline           = "deadline"
	CodeClientGone         = "client_gone"
	CodeNoHandler          = "no_handler"
	CodeBadParams          = "bad_params"
	CodeUnsupportedVersion = "unsupported_version"
	CodeBadSignature       = "bad_signature"
	CodeMaxDeliveries      = "max_deliveries"
	CodeUnreadable         = "unreadable"
)
