"""Who somebody is: proving it, tying a friend to a member, and letting them go again."""
