use super::compiler::Compiler;
use crate::Cell;
use crate::plan::{Aggregate, Expr};

impl Compiler<'_> {
    /// One number of a group.
    pub(super) fn aggregate(&self, aggregate: &Aggregate) -> String {
        let float = |number: &str| self.dialect.float(number);
        let count = float("COUNT(*)");
        match aggregate {
            Aggregate::Count => "COUNT(*)".to_owned(),
            Aggregate::CountDistinct(expr) => format!("COUNT(DISTINCT {})", self.expr(expr)),
            Aggregate::Sum(expr) => self.sum(expr),
            Aggregate::Average(expr) => {
                let values = format!("COUNT({})", self.expr(expr));
                format!("{} / {}", float(&self.sum(expr)), float(&values))
            }
            Aggregate::Least(expr) => format!("MIN({})", self.expr(expr)),
            Aggregate::Greatest(expr) => format!("MAX({})", self.expr(expr)),
            Aggregate::Percentile(percentile) => {
                let buckets = match percentile.stored {
                    Some(stored) => self.dialect.name(stored.name),
                    None => self.dialect.bucket_of(&self.dialect.name(percentile.column.name)),
                };
                self.dialect.percentile(&buckets, percentile.fraction())
            }
            Aggregate::ErrorRate(status) => {
                let (status, error) = (self.dialect.name(status.name), self.dialect.text("error"));
                let errors = format!("SUM(CASE WHEN {status} = {error} THEN 1 ELSE 0 END)");
                format!("{} / {count}", float(&errors))
            }
            Aggregate::Rate(micros) => {
                let seconds = Cell::Float(*micros as f64 / 1e6);
                format!("{count} / {}", self.dialect.literal(&seconds))
            }
            Aggregate::Ratio(above, below) => {
                let below = float(&self.sum(below));
                format!("{} / NULLIF({below}, 0.0)", float(&self.sum(above)))
            }
        }
    }

    fn sum(&self, expr: &Expr) -> String {
        format!("SUM({})", self.expr(expr))
    }
}
