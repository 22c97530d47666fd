//! The conditions of a saved query one by one, as editors of queries want them.

use serde_json::{Value, json};

use crate::devops::call::Call;
use crate::devops::wiql::answer::column;
use crate::devops::wiql::ast::{Condition, Mode, Node, Query, Term};
use crate::devops::wiql::linked;

/// Adds the conditions of a query to its body.
pub fn add(call: &Call<'_>, body: &mut Value, query: &Query) {
    if !query.is_linked {
        if let Some(filter) = &query.filter {
            body["clauses"] = clause(call, filter);
        }
        return;
    }
    let Ok(parts) = linked::parts(query.filter.as_ref()) else { return };
    let lists = [
        ("sourceClauses", parts.source),
        ("targetClauses", parts.target),
        ("linkClauses", parts.link),
    ];
    for (name, nodes) in lists {
        match nodes.as_slice() {
            [] => {}
            [node] => body[name] = clause(call, node),
            nodes => {
                let clauses: Vec<Value> = nodes.iter().map(|node| clause(call, node)).collect();
                body[name] = json!({ "logicalOperator": "and", "clauses": clauses });
            }
        }
    }
    body["filterOptions"] = json!(match query.mode {
        Mode::MustContain => "linksOneHopMustContain",
        Mode::MayContain => "linksOneHopMayContain",
        Mode::DoesNotContain => "linksOneHopDoesNotContain",
        Mode::Recursive | Mode::RecursiveMatchingChildren => "linksRecursiveMayContain",
    });
    match query.mode {
        Mode::Recursive => body["queryRecursionOption"] = json!("parentFirst"),
        Mode::RecursiveMatchingChildren => body["queryRecursionOption"] = json!("childFirst"),
        _ => {}
    }
}

fn clause(call: &Call<'_>, node: &Node) -> Value {
    let group = |operator: &str, nodes: &[Node]| {
        let clauses: Vec<Value> = nodes.iter().map(|node| clause(call, node)).collect();
        json!({ "logicalOperator": operator, "clauses": clauses })
    };
    match node {
        Node::And(nodes) => group("and", nodes),
        Node::Or(nodes) => group("or", nodes),
        // Editors know no negation of a group; the group is shown as it is.
        Node::Not(node) => clause(call, node),
        Node::Condition(condition) => comparison(call, condition),
    }
}

fn comparison(call: &Call<'_>, condition: &Condition) -> Value {
    let (name, reference) = if condition.ever {
        ("Was Ever", "SupportedOperations.Ever")
    } else {
        condition.operator.names()
    };
    let mut clause = json!({
        "field": column(call, &condition.field).unwrap_or(Value::Null),
        "operator": { "referenceName": reference, "name": name },
    });
    match condition.terms.as_slice() {
        [] => {}
        [Term::Field(other)] => {
            clause["isFieldValue"] = json!(true);
            clause["fieldValue"] = column(call, other).unwrap_or(Value::Null);
        }
        terms => {
            let values: Vec<String> = terms.iter().map(Term::to_string).collect();
            clause["value"] = json!(values.join(", "));
        }
    }
    clause
}
