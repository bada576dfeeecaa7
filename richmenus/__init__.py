"""Which rich menu each friend sees and why, and keeping LINE in agreement.

- What a menu is: `schema`, `lengths`, `links`, `images`, `checking`, `problems`, `rendering`,
  `editions`.
- In folders: `yaml_lines`, `definitions`, `exporting`. Who sees which: `rules` (pure), `rulebook`.
- In the making: `desk` (reading), `drafts` (saving), `starting`, `pictures`, `taking`, `composing`
  with `drawing/`, `layouts`, `icon_words`, `offering`; `rule_steps`, `calendar`, `contradictions`,
  `reach`.
- Publishing: `planning` (pure), `publishing`, `publications`; when staff ask for it, `publish_runs`
  and `carrying_out`; before it, in words and numbers, `changed`, `costing`, `foresight`.
- Everybody's menu: `book` (what is in force), `wanting` (who should see which, in SQL), `looking`
  (whom to compute), `keeping`, `telling` (LINE, in bulk), `moving` (LINE, by one batch operation),
  `showing`; `assignment` does it all.
- On one's own LINE: `trials`, `trial_runs`, `trying`. Taps: `taps`, `following`, `insights`.
- For staff to read: `gallery`, `naming`, `rule_list`, `overview`, `explaining`, `aside`. In the
  end: `forgetting`.
"""
