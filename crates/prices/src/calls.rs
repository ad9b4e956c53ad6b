//! What many calls cost, whose names are looked up once.

use std::collections::HashMap;

use tracekeep_model::{Text, Usage};

use crate::book::{Call, Computed, Found, Origin, PriceBook};
use crate::custom::{CustomPrice, CustomPrices};

/// Computes what calls cost, and keeps what each name means for as long as it lives: to hold one against
/// a project's patterns takes milliseconds, and many calls have the same. How many names there may be is
/// the caller's to bound.
pub struct CallPrices<'a> {
    book: &'a PriceBook,
    custom: &'a CustomPrices,
    meant: HashMap<Names<'a>, Meant<'a>>,
}

/// All of a call that says which prices mean it; its moment and tier choose among them.
#[derive(PartialEq, Eq, Hash)]
struct Names<'a> {
    provider: Option<&'a str>,
    model: &'a str,
    region: Option<&'a str>,
}

/// What names mean.
struct Meant<'a> {
    found: Option<Found<'a>>,
    /// Places of the project's prices.
    own: Vec<usize>,
}

impl<'a> CallPrices<'a> {
    /// By a project's own prices, else by those of a book.
    #[must_use]
    pub fn new(book: &'a PriceBook, custom: &'a CustomPrices) -> Self {
        Self { book, custom, meant: HashMap::new() }
    }

    /// As [`PriceBook::cost`].
    #[must_use]
    pub fn cost(&mut self, call: &Call<'a>, usage: &Usage) -> Option<Computed> {
        let (book, custom) = (self.book, self.custom);
        let Call { provider, model, region, .. } = *call;
        let names = Names { provider, model, region };
        let meant = self.meant.entry(names).or_insert_with(|| {
            let found = book.find(call);
            Meant { found, own: custom.matching(&book.names_of(provider, found), model) }
        });
        match custom.latest(&meant.own, call.at) {
            Some(own) => own_cost(own, usage),
            None => book_cost(meant.found?, call, usage),
        }
    }
}

fn own_cost(own: &CustomPrice, usage: &Usage) -> Option<Computed> {
    let price = own.price();
    Some(Computed {
        cost: price.cost(usage)?,
        provider: own.provider.clone(),
        model: own.id.clone(),
        origin: Origin::Custom,
        unpriced: price.unpriced(usage).map(Text::from).collect(),
        price_id: price.id,
    })
}

fn book_cost(found: Found<'_>, call: &Call<'_>, usage: &Usage) -> Option<Computed> {
    let price = found.price(call);
    Some(Computed {
        cost: price.cost(usage)?,
        provider: Some(found.model.provider().to_owned()),
        model: found.model.id().to_owned(),
        origin: Origin::Book,
        unpriced: price.unpriced(usage).map(Text::from).collect(),
        price_id: price.id,
    })
}

#[cfg(test)]
mod tests;
