//! Durable workflows: what a workflow is (`definition`), the pure core that folds a journal and
//! decides what comes next (`journal`, `decide`), what each kind of step does (`steps`), and the
//! runner that performs it and writes down what happened.

pub mod address;
pub mod committer;
pub mod condition;
pub mod decide;
pub mod definition;
pub mod destinations;
pub mod effects;
pub mod expression;
pub mod guest;
pub mod history;
pub mod journal;
pub mod metrics;
pub mod mortality;
pub mod people;
pub mod retry;
pub mod runner;
mod snapshot;
pub mod steps;
pub mod triggers;
