"""Windows held against a reference and a policy: findings in, verdicts out."""
