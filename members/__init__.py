"""Who somebody is: proving it, tying a friend to a member, and letting them go again.

- The tie: `linking`, and what is said of it, `notices`; `tickets` (links that begin on the brand's
  site).
- Proof: `signing_in` (LINE's ID token), `phone`, `codes`, `digits`, `sms/`, `finding`, `choosing`,
  `passwords`, `registration`; how often: `rules` (pure), `throttle`.
- People: `friendship` (of the chat), `fields` and `profile` (of the brand), `importing/`;
  `recognising` who an event is from.
- For staff to read: `persons`, `searching`, `leafing`, `story`; `figures`, `funnel`, `queues`,
  `aside`.
- Letting go: `deauthorizing`, `leaving` (export, erase), `retention`.
"""
