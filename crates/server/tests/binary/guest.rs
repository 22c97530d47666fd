//! The program as a guest that runs functions.

use base::{Clock, ProjectId, Random};
use engine::guest::{Call, Limits, Pool, Program, Settings};
use serde_json::json;

use super::gangway::{PROGRAM, run};

#[tokio::test]
async fn the_program_runs_functions_as_a_guest_that_is_locked_in() {
    let (clock, random) = (Clock::system(), Random::system());
    let project_id = ProjectId::new(&clock, &random);
    let settings = Settings {
        program: Program { file: PROGRAM.into(), arguments: vec!["guest".into()] },
        limits: Limits::default(),
        guests_max: 1,
        calls_per_guest_max: 1,
        idle_time_max: std::time::Duration::from_secs(1),
        calls_waiting_max: 1,
        require_isolation: true,
    };
    let pool = Pool::new(settings, clock, random);
    assert!(pool.isolation().await.unwrap().seccomp);
    let source = "export default (params) => params.n + 1".into();
    let returned = pool.call(project_id, Call { source, parameters: json!({ "n": 1 }) }).await;
    assert_eq!(returned.unwrap().output, json!(2));
}

#[test]
fn the_help_does_not_speak_of_guests() {
    let help = String::from_utf8(run(&["--help"], &[]).stdout).unwrap();
    assert!(help.contains("serve") && !help.contains("guest"), "{help}");
}
