//! Figures on file, one line each, and the table of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::BASE;
use super::cells::METERS;

/// One cell: calls of a row under one meter, in one layout.
pub struct Sample {
    pub row: String,
    pub in_target: bool,
    pub fresh: bool,
    pub log2_alignment: u8,
    pub inlining: bool,
    pub meter: String,
    /// Units of the last call.
    pub units: u64,
    /// A call's time in each round.
    pub nanos: Vec<f64>,
}

/// The tenth percentile of the rounds. A core of a rented machine may share its units with another machine's, which doubles
/// the time of whatever is not held up by latency, so that middle values tell of the neighbour.
pub fn quiet(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 10).copied().unwrap_or(f64::NAN)
}

fn geometric_mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (sum, count) = values.into_iter().fold((0.0, 0.0), |(sum, count), value| (sum + value.ln(), count + 1.0));
    (sum / count).exp()
}

/// Adds the samples to a JSON array of which each line is an element.
pub fn append(file: &Path, samples: &[Sample]) {
    let before = std::fs::read_to_string(file).unwrap_or_default();
    let mut lines: Vec<String> =
        before.lines().filter(|line| line.starts_with('{')).map(|line| line.trim_end_matches(',').to_owned()).collect();
    for s in samples {
        let nanos: Vec<String> = s.nanos.iter().map(|nanos| format!("{nanos:.1}")).collect();
        lines.push(format!(
            "{{\"row\":\"{}\",\"inTarget\":{},\"fresh\":{},\"log2Alignment\":{},\"inlining\":{},\"meter\":\"{}\",\"units\":{},\"nanos\":[{}]}}",
            s.row,
            s.in_target,
            s.fresh,
            s.log2_alignment,
            s.inlining,
            s.meter,
            s.units,
            nanos.join(",")
        ));
    }
    std::fs::write(file, format!("[\n{}\n]\n", lines.join(",\n"))).expect("a file to write to");
}

fn read(file: &Path) -> Vec<Sample> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let field = |line: &str, name: &str| {
        let key = format!("\"{name}\":");
        let from = line.find(&key).unwrap_or_else(|| panic!("no {name} in {line}")) + key.len();
        let rest = &line[from..];
        let end = match rest.as_bytes()[0] {
            b'"' => rest[1..].find('"').map(|end| end + 2),
            b'[' => rest.find(']'),
            _ => rest.find([',', '}']),
        };
        rest[..end.unwrap_or(rest.len())].trim_matches(['"', '[']).to_owned()
    };
    text.lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| Sample {
            row: field(line, "row"),
            in_target: field(line, "inTarget") == "true",
            fresh: field(line, "fresh") == "true",
            log2_alignment: field(line, "log2Alignment").parse().expect("a number"),
            inlining: field(line, "inlining") == "true",
            meter: field(line, "meter"),
            units: field(line, "units").parse().expect("a number"),
            nanos: field(line, "nanos").split(',').map(|nanos| nanos.parse().expect("a number")).collect(),
        })
        .collect()
}

pub fn print(file: &Path) {
    table(&read(file), &mut |line| println!("{line}"));
}

/// A row on a used or a fresh instance, by inlining and meter: ratios to no meter, one for each layout, and units.
#[derive(Default)]
struct Line {
    in_target: bool,
    is_trap: bool,
    base: [Vec<f64>; 2],
    ratios: BTreeMap<(bool, String), Vec<f64>>,
    units: BTreeMap<String, u64>,
}

fn lines(samples: &[Sample]) -> Vec<(String, Line)> {
    let mut lines: Vec<(String, Line)> = Vec::new();
    for sample in samples {
        let name = format!("{}{}", sample.row, if sample.fresh { ", fresh" } else { "" });
        let index = lines.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            lines.push((name, Line::default()));
            lines.len() - 1
        });
        let line = &mut lines[index].1;
        line.in_target = sample.in_target;
        line.is_trap = sample.row.starts_with("trap");
        line.units.insert(sample.meter.clone(), sample.units);
        let base = samples.iter().find(|other| {
            other.meter == BASE.name()
                && (&other.row, other.fresh, other.log2_alignment, other.inlining)
                    == (&sample.row, sample.fresh, sample.log2_alignment, sample.inlining)
        });
        let Some(base) = base else { continue };
        if sample.meter == BASE.name() {
            line.base[usize::from(sample.inlining)].push(quiet(&sample.nanos));
        }
        let ratio = quiet(&sample.nanos) / quiet(&base.nanos);
        line.ratios.entry((sample.inlining, sample.meter.clone())).or_default().push(ratio);
    }
    lines
}

pub fn table(samples: &[Sample], print: &mut dyn FnMut(&str)) {
    let lines = lines(samples);
    let ratio = |line: &Line, inlining: bool, meter: &str| {
        let known = line.ratios.get(&(inlining, meter.to_owned()));
        known.map(|ratios| geometric_mean(ratios.iter().copied()))
    };
    print(
        "ratio to no meter, without / with inlining: geometric mean of the layouts, of each the 10th percentile of all rounds",
    );
    let mut head = format!("{:<46}{:>20}", "", "none, ns");
    for meter in &METERS[1..] {
        let _ = write!(head, "{:>20}", meter.name());
    }
    print(&(head + &format!("{:>34}", "units of ours / of stock fuel")));
    for (name, line) in &lines {
        let mut text = format!("{name:<46}");
        let base: Vec<String> =
            line.base.iter().map(|nanos| format!("{:.0}", geometric_mean(nanos.iter().copied()))).collect();
        let _ = write!(text, "{:>20}", base.join(" / "));
        for meter in &METERS[1..] {
            let ratios = [false, true].map(|inlining| ratio(line, inlining, meter.name()));
            let _ = write!(text, "{:>20}", pair(ratios));
        }
        let units = |meter: &str| line.units.get(meter).copied().unwrap_or_default();
        let _ = write!(text, "{:>34}", format!("{} / {}", units("ours"), units("stock fuel")));
        print(&text);
    }
    print("");
    let mut mean = |title: &str, choose: &dyn Fn(&str, &Line) -> bool| {
        let mut text = format!("{title:<66}");
        for meter in &METERS[1..] {
            let means = [false, true].map(|inlining| {
                let chosen = lines.iter().filter(|(name, line)| !line.is_trap && choose(name, line));
                let ratios: Vec<f64> = chosen.filter_map(|(_, line)| ratio(line, inlining, meter.name())).collect();
                (!ratios.is_empty()).then(|| geometric_mean(ratios))
            });
            let _ = write!(text, "{:>20}", pair(means));
        }
        print(&text);
    };
    mean("geometric mean of all but traps", &|_, _| true);
    mean("without the fresh rows", &|name, _| !name.ends_with(", fresh"));
    mean("the rows of the target: C, Rust, AssemblyScript, Go, Java, fib, FNV", &|_, line| line.in_target);
    for inlining in [false, true] {
        let dearest = lines
            .iter()
            .filter(|(_, line)| !line.is_trap)
            .filter_map(|(name, line)| Some((ratio(line, inlining, "ours")?, name)))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((ratio, name)) = dearest {
            print(&format!(
                "ours, dearest row {} inlining: {ratio:.2}, {name}",
                if inlining { "with" } else { "without" }
            ));
        }
    }
}

fn pair(ratios: [Option<f64>; 2]) -> String {
    let known: Vec<String> = ratios.iter().flatten().map(|ratio| format!("{ratio:.2}")).collect();
    known.join(" / ")
}
