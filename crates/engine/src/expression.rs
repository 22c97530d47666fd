//! The language between `{{` and `}}`, published in `docs/reference/expressions.md`.
//!
//! A [`Template`] is any JSON value whose texts may hold expressions. It is compiled when a
//! workflow is deployed, where every fault is named with its place, and rendered when a step
//! starts. The language is total: no loops, no definitions, no way to the host, and every render
//! ends within [`WORK_UNITS_MAX`] and [`RENDERED_BYTES_MAX`]. Secrets and tokens are never read
//! here: they stay a [`mod@reference`] until a request leaves.

mod bind;
mod budget;
mod context;
mod evaluate;
mod filters;
mod lexer;
pub(crate) mod moment;
pub(crate) mod numeric;
mod parser;
mod path;
mod render;
mod render_error;
mod scope;
mod syntax;
mod template;
pub(crate) mod text;
pub mod workload;

#[cfg(test)]
mod tests;

pub use crate::definition::Problem;
pub use connect::reference;
pub use context::{Context, Root, find_in};
pub use filters::{Filter, filters};
pub use render_error::RenderError;
pub use scope::{Names, Place, Scope};
pub use template::{References, Template};

/// How large a rendered value may be: bytes of its texts and keys, and of its JSON marks.
pub const RENDERED_BYTES_MAX: usize = 1024 * 1024;
/// How deep a rendered value may nest. JSON readers stop at 128, and a journal wraps the value.
pub const RENDERED_DEPTH_MAX: usize = 100;
/// How deep a template may nest.
pub const TEMPLATE_DEPTH_MAX: usize = 64;
/// How many parts one expression may have: names, operators, filters, arguments.
pub const EXPRESSION_PARTS_MAX: usize = 256;
/// How deep brackets may stand within each other in one expression.
pub const EXPRESSION_DEPTH_MAX: usize = 32;
/// How much work one render may take: a unit is an evaluated part, or a byte that an expression
/// made or compared on the way.
pub const WORK_UNITS_MAX: usize = 8 * 1024 * 1024;
