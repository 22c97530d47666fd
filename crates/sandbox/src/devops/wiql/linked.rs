//! Runs a query of links.

use std::collections::BTreeSet;

use super::ast::{Condition, Mode, Name, Node, Operator, Query, Side, Term};
use super::bind::{self, Context};
use super::flat;
use super::lens::Lens;
use super::probe::Test;
use super::refused;
use crate::devops::problem::Problem;
use crate::devops::state::{Revision, WorkItem};
use crate::devops::work_items::relation_types::{self, CHILD, PARENT};

/// The field that holds the kind of a link.
pub const LINK_TYPE: &str = "System.Links.LinkType";

/// One row: an item by itself, or a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The kind of link and where it begins; none for an item by itself.
    pub from: Option<(String, u32)>,
    /// Where it leads, or the item.
    pub target: u32,
}

/// The three parts of the conditions of a query of links.
#[derive(Debug, Default)]
pub struct Parts<'q> {
    /// Those about the items links begin at.
    pub source: Vec<&'q Node>,
    /// Those about the items they lead to.
    pub target: Vec<&'q Node>,
    /// Those about their kind.
    pub link: Vec<&'q Node>,
}

/// Whether a name means the kind of a link.
pub fn is_link_type(name: &Name) -> bool {
    name.side.is_none()
        && (name.name.eq_ignore_ascii_case(LINK_TYPE)
            || name.name.eq_ignore_ascii_case("Link Type"))
}

/// Takes the conditions apart: each of those joined by `AND` at the top is about one part.
pub fn parts(filter: Option<&Node>) -> Result<Parts<'_>, Problem> {
    let mut parts = Parts::default();
    let Some(filter) = filter else { return Ok(parts) };
    let mut open = vec![filter];
    while let Some(node) = open.pop() {
        if let Node::And(nodes) = node {
            open.extend(nodes.iter().rev());
            continue;
        }
        let mut sides = BTreeSet::new();
        sides_of(node, &mut sides);
        let list = match sides.into_iter().collect::<String>().as_str() {
            "source" => &mut parts.source,
            "target" => &mut parts.target,
            "link" => &mut parts.link,
            _ => {
                return Err(refused(
                    "Conditions about the source, the target and the link must be joined by AND.",
                    "WHERE",
                ));
            }
        };
        list.push(node);
    }
    Ok(parts)
}

fn sides_of(node: &Node, sides: &mut BTreeSet<&str>) {
    match node {
        Node::And(nodes) | Node::Or(nodes) => {
            nodes.iter().for_each(|node| sides_of(node, sides));
        }
        Node::Not(node) => sides_of(node, sides),
        Node::Condition(condition) => {
            sides.insert(match condition.field.side {
                _ if is_link_type(&condition.field) => "link",
                Some(Side::Target) => "target",
                _ => "source",
            });
        }
    }
}

/// The rows a query finds.
pub fn run(context: &Context<'_>, query: &Query) -> Result<Vec<Row>, Problem> {
    let parts = parts(query.filter.as_ref())?;
    let all = |nodes: &[&Node]| -> Result<Test, Problem> {
        Ok(Test::All(nodes.iter().map(|node| bind::test(context, node)).collect::<Result<_, _>>()?))
    };
    let run = Run { lens: context.lens, source: all(&parts.source)?, target: all(&parts.target)? };
    let order = flat::order(query)?;
    let recursive = matches!(query.mode, Mode::Recursive | Mode::RecursiveMatchingChildren);
    if recursive {
        if !order.is_empty() || query.as_of.is_some() {
            return Err(refused("ORDER BY and ASOF cannot be used in this mode.", "Recursive"));
        }
        let only_children = parts.link.iter().all(|node| link_test(node, CHILD))
            && !parts.link.is_empty()
            && !parts.link.iter().all(|node| link_test(node, PARENT));
        if !only_children {
            let message = "This mode is for links of the type System.LinkTypes.Hierarchy-Forward.";
            return Err(refused(message, "Recursive"));
        }
    }
    for node in &parts.link {
        check_link_types(node)?;
    }
    let mut sources: Vec<(&WorkItem, &Revision)> = context.lens.items().collect();
    sources.retain(|(item, revision)| run.source.passes(&context.lens, item, revision));
    flat::sort(&context.lens, &mut sources, &order);
    Ok(match query.mode {
        Mode::Recursive => run.tree(&sources),
        Mode::RecursiveMatchingChildren => run.tree_to_matches(&sources),
        mode => run.one_hop(&sources, &parts.link, mode),
    })
}

struct Run<'a> {
    lens: Lens<'a>,
    source: Test,
    target: Test,
}

impl Run<'_> {
    fn matches_target(&self, id: u32) -> bool {
        let found = self.lens.item(id);
        found.is_some_and(|(item, revision)| self.target.passes(&self.lens, item, revision))
    }

    fn one_hop(&self, sources: &[(&WorkItem, &Revision)], link: &[&Node], mode: Mode) -> Vec<Row> {
        let mut rows = Vec::new();
        for (item, _) in sources {
            let mut links = self.lens.links(item);
            links.retain(|(rel, id)| {
                link.iter().all(|node| link_test(node, rel)) && self.matches_target(*id)
            });
            let shown = match mode {
                Mode::DoesNotContain => links.is_empty(),
                Mode::MayContain => true,
                _ => !links.is_empty(),
            };
            if !shown {
                continue;
            }
            rows.push(Row { from: None, target: item.id });
            if mode != Mode::DoesNotContain {
                rows.extend(
                    links
                        .into_iter()
                        .map(|(rel, target)| Row { from: Some((rel, item.id)), target }),
                );
            }
        }
        rows
    }

    fn children(&self, id: u32) -> Vec<u32> {
        let Some((item, _)) = self.lens.item(id) else { return Vec::new() };
        let links = self.lens.links(item).into_iter();
        links.filter(|(rel, _)| rel == CHILD).map(|(_, id)| id).collect()
    }

    fn parent(&self, id: u32) -> Option<u32> {
        let (item, _) = self.lens.item(id)?;
        self.lens.links(item).into_iter().find(|(rel, _)| rel == PARENT).map(|(_, id)| id)
    }

    /// Each source with what is below it, as far as it matches; a source below another is shown
    /// there and not again.
    fn tree(&self, sources: &[(&WorkItem, &Revision)]) -> Vec<Row> {
        let roots: BTreeSet<u32> = sources.iter().map(|(item, _)| item.id).collect();
        let below_root = |id: u32| {
            let mut at = id;
            loop {
                if !self.matches_target(at) {
                    return false;
                }
                match self.parent(at) {
                    Some(parent) if roots.contains(&parent) => return true,
                    Some(parent) => at = parent,
                    None => return false,
                }
            }
        };
        let mut rows = Vec::new();
        for root in roots.iter().copied().filter(|root| !below_root(*root)) {
            rows.push(Row { from: None, target: root });
            let matches = |id: u32| self.matches_target(id);
            self.descend(root, &matches, &mut rows);
        }
        rows
    }

    /// Each source that has matches below it, with the ways to them.
    fn tree_to_matches(&self, sources: &[(&WorkItem, &Revision)]) -> Vec<Row> {
        let roots: BTreeSet<u32> = sources.iter().map(|(item, _)| item.id).collect();
        let (mut on_way, mut tops) = (BTreeSet::<u32>::new(), BTreeSet::new());
        let matches = self.lens.items().map(|(item, _)| item.id);
        for id in matches.filter(|id| self.matches_target(*id)) {
            let mut way = vec![id];
            while let Some(parent) = way.last().and_then(|last| self.parent(*last)) {
                way.push(parent);
            }
            if let Some(top) = way.iter().rposition(|id| roots.contains(id)).filter(|at| *at > 0) {
                tops.insert(way[top]);
                on_way.extend(&way[..top]);
            }
        }
        let mut rows = Vec::new();
        for top in tops {
            rows.push(Row { from: None, target: top });
            self.descend(top, &|id| on_way.contains(&id), &mut rows);
        }
        rows
    }

    fn descend(&self, top: u32, shown: &dyn Fn(u32) -> bool, rows: &mut Vec<Row>) {
        // Parents and children make no circles, so the way down ends.
        let mut open: Vec<(u32, u32)> = vec![];
        let push = |parent: u32, open: &mut Vec<(u32, u32)>| {
            let children = self.children(parent);
            open.extend(children.into_iter().rev().map(|child| (parent, child)));
        };
        push(top, &mut open);
        while let Some((parent, child)) = open.pop() {
            if shown(child) {
                rows.push(Row { from: Some((CHILD.to_owned(), parent)), target: child });
                push(child, &mut open);
            }
        }
    }
}

/// Whether a link of a kind passes.
fn link_test(node: &Node, rel: &str) -> bool {
    match node {
        Node::And(nodes) => nodes.iter().all(|node| link_test(node, rel)),
        Node::Or(nodes) => nodes.iter().any(|node| link_test(node, rel)),
        Node::Not(node) => !link_test(node, rel),
        Node::Condition(condition) => {
            let negated = condition.operator.positive().1;
            let found = condition.terms.iter().any(|term| match term {
                Term::Text(text) => text.is_empty() || names(text, rel),
                Term::Any => true,
                _ => false,
            });
            found != negated
        }
    }
}

fn names(text: &str, rel: &str) -> bool {
    let kind = relation_types::find(rel);
    rel.eq_ignore_ascii_case(text) || kind.is_some_and(|kind| kind.name.eq_ignore_ascii_case(text))
}

/// Every kind of link that a query names must exist.
fn check_link_types(node: &Node) -> Result<(), Problem> {
    match node {
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().try_for_each(check_link_types),
        Node::Not(node) => check_link_types(node),
        Node::Condition(condition) => condition_of_link(condition),
    }
}

fn condition_of_link(condition: &Condition) -> Result<(), Problem> {
    let known = [Operator::Equal, Operator::In];
    if !known.contains(&condition.operator.positive().0) || condition.ever {
        let shown = condition.operator.names().0;
        return Err(refused(&format!("The operator {shown} cannot be used here."), LINK_TYPE));
    }
    for term in &condition.terms {
        match term {
            Term::Any => {}
            Term::Text(text) if text.is_empty() || relation_types::by_any_name(text).is_some() => {}
            term => {
                return Err(refused(
                    "TF51006: The query references a link type that does not exist.",
                    &term.to_string(),
                ));
            }
        }
    }
    Ok(())
}
