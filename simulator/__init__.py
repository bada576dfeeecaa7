"""An offline LINE platform: a program of its own, for trial, tests and benchmarks.

It imports nothing of the product and the product knows nothing of it; the two talk HTTP only.

    state, world       all it knows, behind one lock; the clock, ledger, limits and faults beside it
    app, gate          which host's paths are where; what every request to LINE's side passes
    checks/            as strict as LINE: the SDK's models first, then LINE's limits
    messaging/         sending, quota, profiles
    richmenu/          menus, aliases, links, batches, and which menu a person sees
    login/, liff_server    LINE Login and the LIFF server
    sms                the inbox of text messages
    webhooks/          events, and the outbox that signs and sends them
    people             what people do on their phones
    control/, phone/   what tests ask and turn; the phone on a page
    running            starting and stopping it from tests
"""
