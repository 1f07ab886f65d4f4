"""Rules over canonical records: holds, eligibility, matching, money, addresses."""
