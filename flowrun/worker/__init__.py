"""Worker: performs attempts that runs on other machines send through Redis.

`worker` starts and stops the parts in order; each part is a file of its own:
`intake` claims, `heartbeat` renews leases, `control` listens to operators, `delivery` sees one attempt through,
`voice` brings its lines back, `crew` and `house` have the code of the project, `endpoint` answers probes.
"""
