use sluice::{tokens, Outcome, Plugin, Query};

#[derive(Default)]
struct MyPlugin;

impl Plugin for MyPlugin {
    /// Runs before a query is executed; an error refuses it.
    fn before(&mut self, query: &Query) -> Outcome {
        // Your logic goes here; this one lets no DROP through.
        match tokens(&query.text()?).first() {
            Some(first) if first.is("drop") => Err("NAME lets no DROP through".into()),
            _ => Ok(()),
        }
    }
}

sluice::plugin!(MyPlugin);
