//! What we allow ourselves, and whether the figures keep to it.

use crate::spread::table;

/// A limit, and the figure that it is for.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    what: String,
    limit: f64,
    measured: f64,
    unit: &'static str,
    digits: usize,
    least: bool,
}

impl Budget {
    pub(crate) fn at_most(what: impl Into<String>, limit: f64, measured: f64, unit: &'static str) -> Self {
        Self { what: what.into(), limit, measured, unit, digits: 2, least: false }
    }

    pub(crate) fn at_least(what: impl Into<String>, limit: f64, measured: f64, unit: &'static str) -> Self {
        Self { least: true, ..Self::at_most(what, limit, measured, unit) }
    }

    /// With so many digits behind the point.
    pub(crate) fn digits(self, digits: usize) -> Self {
        Self { digits, ..self }
    }

    fn is_kept(&self) -> bool {
        if self.least { self.measured >= self.limit } else { self.measured <= self.limit }
    }

    fn row(&self) -> [String; 4] {
        let Self { limit, measured, unit, digits, .. } = self;
        let sign = if self.least { "≥" } else { "≤" };
        let verdict = if self.is_kept() { "within" } else { "**over**" };
        [
            self.what.clone(),
            format!("{sign} {limit:.digits$}{unit}"),
            format!("{measured:.digits$}{unit}"),
            verdict.to_owned(),
        ]
    }
}

/// All budgets of a section.
pub(crate) fn budgets(all: &[Budget]) -> String {
    let rows: Vec<_> = all.iter().map(Budget::row).collect();
    table(["budget", "limit", "measured", ""], &rows)
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn the_verdict_follows_from_the_figures() {
        let kept = |budget: Budget| budget.is_kept();
        assert!(kept(Budget::at_most("a", 1.0, 1.0, "x")));
        assert!(!kept(Budget::at_most("a", 1.0, 1.01, "x")));
        assert!(kept(Budget::at_least("a", 2.0, 2.0, "x")));
        assert!(!kept(Budget::at_least("a", 2.0, f64::NAN, "x")));
    }
}
