"""The wire to remote workers, frq/1: what both sides say to each other through Redis.

What travels   `keys` (names of keys and ids), `message` (task, events, log, control; `fields`, `status`),
               `body` (values as JSON), `signature`, `blob` (bodies too large for a message)
Bodies         `task_body` (an attempt as parameters and back), `result_body` (an outcome as a result and back),
               `plain_text` (texts of values as plain JSON), `inline` (values in files, put into the text)
What is done   `lua/` (the operations, each atomic; one set of files for all languages), `scripts`,
               `client` (what a runner does with a queue), `consumer` (what a worker does), `stream`
How            `address` (URLs), `connection` (finds the server, also behind Sentinel and in a cluster),
               `link` (a socket), `pipeline` (calls of many that leave together),
               `faults` (away: wait; refused: say it), `patience`
For a runner   `outgoing`, `event_reader`, `verdict` (what a result means), `window`, `memory_policy`
Who is there   `fleet` (live workers), `offers` (their handlers and schemas), `unserved` (what nobody offers)
"""
