"""Extensions: the contract is in `flowrun.extensions.extension`."""
