//! Work items in answers.

use base::Timestamp;
use serde_json::{Map, Value, json};

use super::{links, relation_types};
use crate::devops::call::{Call, encoded};
use crate::devops::catalog::fields::{self, Field, Kind};
use crate::devops::identity;
use crate::devops::problem::Problem;
use crate::devops::state::{
    CommentMark, FOREVER, Fields, Node, Organization, Relation, Revision, Target, WorkItem,
};
use crate::devops::types;

/// How much of an item an answer shows.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only these fields.
    pub fields: Option<Vec<&'static Field>>,
    /// Its links.
    pub relations: bool,
    /// Also the fields that the service keeps for itself.
    pub all_fields: bool,
    /// Addresses of what belongs to it.
    pub links: bool,
}

impl Wanted {
    /// From the names of fields and the word for what to expand, or its number as official
    /// clients send it.
    pub fn read(fields: Option<&[String]>, expand: Option<&str>) -> Result<Self, Problem> {
        let expand = expand.unwrap_or("none").to_ascii_lowercase();
        let expand = match expand.as_str() {
            "none" | "0" => "none",
            "relations" | "1" => "relations",
            "fields" | "2" => "fields",
            "links" | "3" => "links",
            "all" | "4" => "all",
            other => {
                let message = format!("The value '{other}' of the parameter $expand is not valid.");
                return Err(Problem::invalid(message));
            }
        };
        if fields.is_some() && !["none", "links"].contains(&expand) {
            return Err(Problem::tracking(
                "ConflictingParametersException",
                "The expand parameter can not be used with the fields parameter.",
            ));
        }
        let fields = match fields {
            None => None,
            Some(names) => Some(
                names
                    .iter()
                    .map(|name| fields::find(name).ok_or_else(|| Problem::no_field(name)))
                    .collect::<Result<_, _>>()?,
            ),
        };
        let all = expand == "all";
        Ok(Self {
            fields,
            relations: all || expand == "relations",
            all_fields: all || expand == "fields",
            links: all || expand == "links",
        })
    }
}

/// An item at one moment.
pub struct View<'a> {
    /// Its number; -1 for one that is not written.
    pub id: i64,
    /// The item itself; none for one that is not written.
    pub item: Option<&'a WorkItem>,
    /// What it was.
    pub revision: &'a Revision,
    /// Its links then.
    pub relations: Vec<Relation>,
    /// When the next revision took its place.
    pub revised: String,
    /// How many comments it had.
    pub comments: usize,
}

impl<'a> View<'a> {
    /// As it is.
    pub fn now(organization: &Organization, item: &'a WorkItem) -> Self {
        let relations = links::visible(organization, &item.relations);
        Self::of_revision(item, item.current(), relations)
    }

    /// As it was; `None` before it was created.
    pub fn at(organization: &Organization, item: &'a WorkItem, time: Timestamp) -> Option<Self> {
        let relations = links::visible(organization, &links::at(item, time));
        Some(Self::of_revision(item, item.at(time)?, relations))
    }

    /// As one of its revisions has it.
    pub fn of_revision(
        item: &'a WorkItem,
        revision: &'a Revision,
        relations: Vec<Relation>,
    ) -> Self {
        let next = item.revisions.iter().find(|one| one.rev > revision.rev);
        Self {
            id: i64::from(item.id),
            item: Some(item),
            revision,
            relations,
            revised: next.map_or_else(|| FOREVER.to_owned(), |next| next.at.to_rfc3339()),
            comments: item.comment_count(revision.rev),
        }
    }

    /// Every field with its raw value: what is stored, and what the service works out.
    pub fn all_fields(&self, organization: &Organization) -> Fields {
        let stored = &self.revision.fields;
        let mut all = stored.clone();
        all.insert("System.Id".to_owned(), json!(self.id));
        all.insert("System.Rev".to_owned(), json!(self.revision.rev));
        all.insert("System.Watermark".to_owned(), json!(self.revision.watermark));
        all.insert("System.RevisedDate".to_owned(), json!(self.revised));
        all.insert("System.AuthorizedDate".to_owned(), json!(self.revision.at.to_rfc3339()));
        all.insert("System.AuthorizedAs".to_owned(), json!(self.revision.by));
        all.insert("System.CommentCount".to_owned(), json!(self.comments));
        if let Some(parent) = links::parent(&self.relations) {
            all.insert("System.Parent".to_owned(), json!(parent));
        }
        if let Some(project) = organization.project_of(stored) {
            add_tree_fields(&mut all, "Area", &project.areas);
            add_tree_fields(&mut all, "Iteration", &project.iterations);
        }
        all
    }
}

fn add_tree_fields(all: &mut Fields, kind: &str, tree: &Node) {
    let path = all.get(&format!("System.{kind}Path")).and_then(Value::as_str);
    let Some(way) = path.and_then(|path| tree.walk(path)) else { return };
    let Some(last) = way.last() else { return };
    all.insert(format!("System.{kind}Id"), json!(last.id));
    if kind == "Area" {
        all.insert("System.NodeName".to_owned(), json!(last.name));
    }
    for (index, node) in way.iter().enumerate() {
        all.insert(format!("System.{kind}Level{}", index + 1), json!(node.name));
    }
}

/// The body of a work item.
pub fn item(
    call: &Call<'_>,
    organization: &Organization,
    view: &View<'_>,
    wanted: &Wanted,
) -> Value {
    let url = item_url(call, view.id);
    let mut body = json!({
        "id": view.id,
        "rev": view.revision.rev,
        "fields": shown_fields(call, organization, view, wanted),
        "url": url,
    });
    if wanted.relations && !view.relations.is_empty() {
        let relations = view.relations.iter().map(|one| relation(call, organization, one));
        body["relations"] = Value::Array(relations.collect());
    }
    if wanted.links {
        body["_links"] = item_links(call, organization, view, &url);
    }
    if let Some((item, mark)) = view.item.zip(view.revision.comment) {
        body["commentVersionRef"] = comment_version(call, item, mark);
    }
    let markdown = &view.revision.markdown;
    if wanted.fields.is_none() && call.version.has_formats() && !markdown.is_empty() {
        let formats = markdown.iter().map(|field| (field.clone(), json!("markdown")));
        body["multilineFieldsFormat"] = Value::Object(formats.collect());
    }
    body
}

fn shown_fields(
    call: &Call<'_>,
    organization: &Organization,
    view: &View<'_>,
    wanted: &Wanted,
) -> Map<String, Value> {
    let all = view.all_fields(organization);
    let shown = |name: &str| match &wanted.fields {
        Some(fields) => fields.iter().any(|field| field.reference == name),
        None => {
            wanted.all_fields
                || view.revision.fields.contains_key(name)
                || ["System.CommentCount", "System.Parent"].contains(&name)
        }
    };
    all.iter()
        .filter(|(name, _)| shown(name))
        .map(|(name, value)| (name.clone(), field_value(call, organization, name, value)))
        .collect()
}

/// The version of a comment that a revision made.
pub fn comment_version(call: &Call<'_>, item: &WorkItem, mark: CommentMark) -> Value {
    let CommentMark { comment, version } = mark;
    let found = item.comments.iter().find(|one| one.id == comment);
    let first = found.and_then(|one| one.versions.first()).map(|first| first.rev);
    let made = found.and_then(|one| one.versions.iter().find(|one| one.number == version));
    let mut body = json!({
        "commentId": comment,
        "version": version,
        "createdInRevision": first,
        "url": format!("{}/comments/{comment}/versions/{version}", item_url(call, item.id)),
    });
    if made.is_some_and(|version| version.is_deleted) {
        body["isDeleted"] = json!(true);
    }
    body
}

/// A value as answers show it: people as objects, or in words to callers of old versions.
pub fn field_value(
    call: &Call<'_>,
    organization: &Organization,
    name: &str,
    value: &Value,
) -> Value {
    let is_identity = fields::find(name).is_some_and(|field| field.kind == Kind::Identity);
    let account = value.as_str().filter(|_| is_identity).and_then(|text| text.parse().ok());
    match account {
        None => value.clone(),
        Some(account) if call.version.has_identity_objects() => {
            identity::reference(call, organization, account)
        }
        Some(account) => json!(identity::in_words(call.directory, account)),
    }
}

/// The address of an item.
pub fn item_url(call: &Call<'_>, id: impl std::fmt::Display) -> String {
    format!("{}/_apis/wit/workItems/{id}", call.base())
}

fn item_links(call: &Call<'_>, organization: &Organization, view: &View<'_>, url: &str) -> Value {
    let base = call.base();
    let fields = &view.revision.fields;
    let type_name = fields.get("System.WorkItemType").and_then(Value::as_str).unwrap_or_default();
    let project = organization.project_of(fields);
    let type_url = project
        .and_then(|project| Some(types::url(call, project, project.item_type(type_name)?)))
        .unwrap_or_default();
    let place = project.map(|project| project.id.to_string()).unwrap_or_default();
    json!({
        "self": { "href": url },
        "workItemUpdates": { "href": format!("{url}/updates") },
        "workItemRevisions": { "href": format!("{url}/revisions") },
        "workItemComments": { "href": format!("{url}/comments") },
        "html": { "href": format!("{base}/{place}/_workitems/edit/{}", view.id) },
        "workItemType": { "href": type_url },
        "fields": { "href": format!("{base}/{place}/_apis/wit/fields") },
    })
}

/// One link.
pub fn relation(call: &Call<'_>, organization: &Organization, relation: &Relation) -> Value {
    let mut attributes = Map::new();
    let url = match &relation.target {
        Target::Item(id) => {
            attributes.insert("isLocked".to_owned(), json!(false));
            let kind = relation_types::find(&relation.rel);
            attributes.insert("name".to_owned(), json!(kind.map(|kind| kind.name)));
            item_url(call, id)
        }
        Target::Attachment(id) => {
            add_resource_attributes(&mut attributes, relation);
            let size = organization.attachments.get(id).map(|attachment| attachment.size);
            attributes.insert("resourceSize".to_owned(), json!(size));
            format!("{}/_apis/wit/attachments/{id}", call.base())
        }
        Target::Url(url) => {
            add_resource_attributes(&mut attributes, relation);
            url.clone()
        }
    };
    if let Some(comment) = &relation.comment {
        attributes.insert("comment".to_owned(), json!(comment));
    }
    json!({ "rel": relation.rel, "url": url, "attributes": attributes })
}

fn add_resource_attributes(attributes: &mut Map<String, Value>, relation: &Relation) {
    let since = json!(relation.since.to_rfc3339());
    for name in ["authorizedDate", "resourceCreatedDate", "resourceModifiedDate"] {
        attributes.insert(name.to_owned(), since.clone());
    }
    attributes.insert("id".to_owned(), json!(relation.resource));
    attributes.insert("revisedDate".to_owned(), json!(FOREVER));
    if let Some(name) = &relation.name {
        attributes.insert("name".to_owned(), json!(name));
    }
}

/// The address of the items of a project, which the template of a new item has as its own.
pub fn collection_url(call: &Call<'_>, project: &str) -> String {
    format!("{}/{}/_apis/wit/workItems", call.base(), encoded(project))
}
