//! How clients find their way.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::app::App;

async fn locations(app: &App, target: &str, host: Option<&str>) -> Vec<Value> {
    let mut call = app.call(Method::OPTIONS, target).pat("ann", "acme");
    if let Some(host) = host {
        call = call.at(host);
    }
    let body = call.send().await.ok();
    assert_eq!(body["count"], body["value"].as_array().expect("a list").len());
    body["value"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn options_lists_what_is_served_with_the_ids_clients_know() {
    let app = App::start().await;
    let all = locations(&app, "/acme/_apis", None).await;
    assert!(all.contains(&json!({
        "id": "62d3d110-0047-428c-ad3c-4fe872c91c74",
        "area": "wit",
        "resourceName": "workItems",
        "routeTemplate": "{project}/_apis/wit/{resource}/${type}",
        "resourceVersion": 3,
        "minVersion": "1.0",
        "maxVersion": "7.2",
        "releasedVersion": "7.1",
    })));
    let wit = locations(&app, "/acme/_apis/WIT", None).await;
    assert!(wit.len() > 10 && wit.iter().all(|one| one["area"] == "wit"));
    let in_project = locations(&app, "/acme/Storefront/_apis/wit", None).await;
    assert_eq!(in_project, wit);
    let preview = all.iter().find(|one| one["resourceName"] == "ConnectionData");
    assert_eq!(preview.expect("it is there")["releasedVersion"], "0.0");
}

#[tokio::test]
async fn every_host_lists_only_what_it_serves() {
    let app = App::start().await;
    let areas = |list: Vec<Value>| {
        let mut areas: Vec<String> =
            list.iter().map(|one| one["area"].as_str().expect("a name").to_owned()).collect();
        areas.sort();
        areas.dedup();
        areas
    };
    let main = locations(&app, "/acme/_apis", Some("dev.azure.com")).await;
    assert_eq!(areas(main), ["Location", "core", "hooks", "wit", "work"]);
    let identity = locations(&app, "/acme/_apis", Some("vssps.dev.azure.com")).await;
    assert_eq!(areas(identity), ["Graph", "IMS", "Location", "Profile"]);
}

#[tokio::test]
async fn an_area_is_404_on_the_wrong_host() {
    let app = App::start().await;
    for (host, path, status) in [
        ("dev.azure.com", "/acme/_apis/projects", StatusCode::OK),
        ("vssps.dev.azure.com", "/acme/_apis/projects", StatusCode::NOT_FOUND),
        ("vssps.dev.azure.com", "/acme/_apis/profile/profiles/me", StatusCode::OK),
        ("dev.azure.com", "/acme/_apis/profile/profiles/me", StatusCode::NOT_FOUND),
        ("vsrm.dev.azure.com", "/acme/_apis/projects", StatusCode::NOT_FOUND),
    ] {
        let answer = app.get(path).at(host).pat("ann", "acme").send().await;
        assert_eq!(answer.status, status, "{host}{path}");
    }
}

#[tokio::test]
async fn an_older_host_names_the_organization_in_front() {
    let app = App::start().await;
    let call = app.get("/_apis/projects").at("acme.visualstudio.com").pat("ann", "acme");
    let body = call.send().await.ok();
    let url = body["value"][0]["url"].as_str().expect("an address");
    assert!(url.starts_with("https://dev.azure.com/acme/_apis/projects/"));
}

#[tokio::test]
async fn areas_lead_to_their_hosts_and_on_one_origin_there_are_none() {
    let app = App::start().await;
    let call = app.get("/acme/_apis/resourceAreas").at("dev.azure.com").pat("ann", "acme");
    let areas = call.send().await.ok();
    let wit = areas["value"].as_array().expect("a list").iter().find(|one| one["name"] == "wit");
    assert_eq!(
        wit,
        Some(&json!({
            "id": "5264459e-e5e0-4bd8-b118-0985e68a4ec5",
            "name": "wit",
            "locationUrl": "https://dev.azure.com/acme/",
        }))
    );
    let one = "/acme/_apis/resourceAreas/8CCFEF3D-2b87-4e99-8ccb-66e343d2daa8";
    let area = app.get(one).at("dev.azure.com").pat("ann", "acme").send().await.ok();
    assert_eq!(area["locationUrl"], "https://vssps.dev.azure.com/acme/");
    let here = app.ann_gets("/_apis/resourceAreas").await.ok();
    assert_eq!(here, json!({ "count": 0, "value": [] }));
}

#[tokio::test]
async fn connection_data_says_who_one_is_here() {
    let app = App::start().await;
    let body = app.ann_gets("/_apis/connectionData").await.ok();
    assert_eq!(body["authenticatedUser"]["providerDisplayName"], "Ann Archer");
    assert_eq!(body["authorizedUser"], body["authenticatedUser"]);
    assert_eq!(body["instanceId"], "0acce000-0000-4000-8000-000000000001");
    assert_eq!(body["deploymentType"], "hosted");
    let profile = app.ann_gets("/_apis/profile/profiles/me").await.ok();
    assert_ne!(body["authenticatedUser"]["id"], profile["id"], "the one is not the other");
}
