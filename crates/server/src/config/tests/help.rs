use clap::CommandFactory as _;

use crate::config::cli::Cli;
use crate::config::sections;

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn help_states_what_the_table_does() {
    for command in ["serve", "demo", "doctor"] {
        let mut cli = Cli::command();
        let help = cli.find_subcommand_mut(command).unwrap().render_long_help().to_string();
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        for setting in sections::all() {
            for part in [
                format!("--{} <{}>", setting.flag, setting.kind.placeholder()),
                format!("[default: {}]", setting.shown_default()),
                format!("[env: {}]", setting.variable),
                format!("[file: {}]", setting.name),
            ] {
                assert!(help.contains(&part), "{command}: {part} is not in {help}");
            }
        }
    }
}

#[test]
fn names_follow_one_pattern() {
    for setting in sections::all() {
        assert_eq!(format!("{}.{}", setting.section(), setting.key()), setting.name);
        let of_flag = setting.flag.replace('-', "_").to_uppercase();
        assert_eq!(setting.variable, format!("TRACEKEEP_{of_flag}"));
        assert!(setting.about.ends_with('.'), "{}", setting.about);
        let same = |other: &&sections::Setting| other.name == setting.name;
        assert_eq!(sections::all().filter(same).count(), 1, "{}", setting.name);
    }
}
