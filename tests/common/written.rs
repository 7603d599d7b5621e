//! Random models written as scenarios. Each is valid by construction, small, and uses many features: states left for
//! later and earlier ones (re-entry), by rates, time distributions on several clocks, life tables and stated rows;
//! transitions that leave groups, branch, and are resolved first or not; strategies that act at the start, by effects
//! that build up and wane, and by other parameters.

use super::dice::Dice;

/// A scenario in blocks whose order is of no matter inside a section.
#[derive(Clone)]
pub struct Written {
    /// What begins the file.
    pub head: String,
    /// Sections of the file; each is a list of blocks.
    pub sections: Vec<Vec<String>>,
    /// Rows of the parameter table.
    pub parameters: Vec<String>,
    /// The life table, and a table that formulas look up.
    pub mortality: String,
    pub norms: String,
}

const COLUMNS: &str = "name,kind,base,unit,source";

impl Written {
    /// The files, the scenario first.
    pub fn files(&self) -> [(&'static str, String); 4] {
        let blocks: Vec<String> = self.sections.iter().flatten().cloned().collect();
        let toml = format!("{}\n{}", self.head, blocks.join("\n"));
        let rows = self.parameters.join("\n");
        [
            ("scenario.toml", toml),
            ("parameters.csv", format!("{COLUMNS}\n{rows}\n")),
            ("mortality.csv", self.mortality.clone()),
            ("norms.csv", self.norms.clone()),
        ]
    }

    /// The same scenario declared in another order.
    pub fn shuffled(&self, dice: &mut Dice) -> Written {
        let mut other = self.clone();
        other.sections.iter_mut().for_each(|blocks| dice.shuffle(blocks));
        dice.shuffle(&mut other.sections);
        dice.shuffle(&mut other.parameters);
        other
    }
}

/// How the exits of a state that are not `first` are given.
#[derive(Clone, Copy, PartialEq)]
enum Row {
    Rates,
    Stated,
}

/// A model while it is drawn.
struct Draft<'d> {
    dice: &'d mut Dice,
    cycles: usize,
    per_year: f64,
    /// States that can be left; those behind them absorb.
    live: usize,
    absorbing: usize,
    rows: Vec<Row>,
    age: bool,
    sex: bool,
    /// Members of the group `grp`.
    group: Vec<usize>,
    parameters: Vec<String>,
    transitions: Vec<String>,
    /// Names of transitions whose hazards are rates, and of those that are stated probabilities.
    hazards: Vec<String>,
    probabilities: Vec<String>,
}

/// Draws a model.
pub fn written(dice: &mut Dice) -> Written {
    let (cycle, per_year) = *dice.pick(&[
        ("1 year", 1.0),
        ("1 year", 1.0),
        ("6 months", 2.0),
        ("3 months", 4.0),
        ("1 month", 12.0),
        ("2 weeks", 26.0),
    ]);
    let cycles = match dice.below(10) {
        0 => 1,
        1 => 2,
        _ => 2 * (2 + dice.below(8)),
    };
    let live = 1 + dice.below(5);
    let absorbing = [1, 1, 1, 1, 2, 0][dice.below(6)];
    let absorbing = if live == 1 { absorbing.max(1) } else { absorbing };
    // Without a death there is nothing that could be first: all exits of a state stand side by side.
    let rows = (0..live).map(|_| if dice.percent(40) { Row::Stated } else { Row::Rates }).collect();
    let first = absorbing > 0 && dice.percent(75);
    let mut group: Vec<usize> = (0..live).filter(|_| dice.percent(60)).collect();
    if group.is_empty() {
        group.push(live - 1);
    }
    let (age, sex) = (dice.percent(50), dice.percent(50));
    let mut draft = Draft {
        dice,
        cycles,
        per_year,
        live,
        absorbing,
        rows,
        age,
        sex,
        group,
        parameters: Vec::new(),
        transitions: Vec::new(),
        hazards: Vec::new(),
        probabilities: Vec::new(),
    };
    draft.scenario(cycle, first)
}

impl Draft<'_> {
    fn scenario(&mut self, cycle: &str, first: bool) -> Written {
        let (number, unit) = cycle.split_once(' ').expect("a number and a unit");
        let horizon = self.cycles * number.parse::<usize>().expect("a number");
        let unit = unit.trim_end_matches('s');
        let time = format!("[time]\ncycle = \"{cycle}\"\nhorizon = \"{horizon} {unit}s\"\n");
        let none = if first { "" } else { "first = \"none\"\n" };
        let attributes = self.attributes();
        let start = self.start();
        self.moves(first);
        let strategies = self.strategies();
        let endpoints = self.endpoints();
        let (outcomes, rewards) = self.rewards();
        let names = |states: &[usize]| {
            let quoted: Vec<String> = states.iter().map(|s| format!("\"s{s}\"")).collect();
            quoted.join(", ")
        };
        let mut states: Vec<String> = (0..self.live).map(|s| format!("[states.s{s}]\n")).collect();
        states.extend((0..self.absorbing).map(|d| format!("[states.dead{d}]\nabsorbing = true\n")));
        let alive: Vec<usize> = (0..self.live).collect();
        let groups = vec![
            format!("[groups.alive]\nstates = [{}]\n", names(&alive)),
            format!("[groups.grp]\nstates = [{}]\n", names(&self.group)),
        ];
        let by = if self.sex { "[\"age\", \"sex\"]" } else { "[\"age\"]" };
        let mut tables =
            vec!["[tables.norms]\nfile = \"norms.csv\"\nby = [\"time\"]\nkind = \"number\"\n".to_string()];
        if self.age {
            let kind = *self.dice.pick(&["rate per year", "annual probability"]);
            tables.push(format!(
                "[tables.mortality]\nfile = \"mortality.csv\"\nby = {by}\nkind = \"{kind}\"\nsource = \"assumption\"\n"
            ));
        }
        let table = match self.parameters.is_empty() {
            true => "",
            false => "parameters = \"parameters.csv\"\n",
        };
        let head = format!("format = 1\n{table}\n{time}{none}\n{attributes}\n{start}");
        Written {
            head,
            sections: vec![
                states,
                groups,
                tables,
                std::mem::take(&mut self.transitions),
                strategies,
                endpoints,
                outcomes,
                rewards,
            ],
            parameters: std::mem::take(&mut self.parameters),
            mortality: self.mortality(),
            norms: "time,value\n0,1\n0.5,0.9\n1,0.7\n3,1.2\n".into(),
        }
    }

    fn attributes(&mut self) -> String {
        let mut text = String::new();
        if self.age {
            let age = match self.dice.below(4) {
                0 => "normal = { mean = 62.3, sd = 7 }, within = [40, 85]",
                1 => "uniform = { low = 45, high = 58 }",
                2 => "lognormal = { meanlog = 4, sdlog = 0.1 }, within = [35, 90]",
                _ => "fixed = { value = 57 }",
            };
            text += &format!("[population.attributes.age]\n{age}\n").replace(", within", "\nwithin");
        }
        if self.sex {
            text += "[population.attributes.sex]\nfemale = 0.45\nmale = \"rest\"\n";
        }
        text
    }

    /// Up to three states; the first always has patients.
    fn start(&mut self) -> String {
        let mut text = "[population.start]\ns0 = \"rest\"\n".to_string();
        for state in 1..self.live.min(3) {
            if self.dice.percent(30) {
                text += &format!("s{state} = {}\n", self.dice.between(0.05, 0.4));
            }
        }
        text
    }

    /// A new parameter, as a formula reads it.
    fn parameter(&mut self, kind: &str, value: f64, unit: &str) -> String {
        let name = format!("p{}", self.parameters.len());
        self.parameters.push(format!("{name},{kind},{value},{unit},assumption"));
        name
    }

    /// Every state is left for the next, and some for others; deaths come on top.
    fn moves(&mut self, first: bool) {
        let targets = |draft: &mut Self, state: usize| {
            let mut to: Vec<String> = match state + 1 < draft.live {
                true => vec![format!("s{}", state + 1)],
                false if draft.absorbing > 0 => (0..draft.absorbing).map(|d| format!("dead{d}")).collect(),
                false => vec!["s0".to_string()],
            };
            for _ in 0..draft.dice.below(3) {
                // Also back, from where states are entered again.
                let other = draft.dice.below(draft.live + draft.absorbing);
                if other != state {
                    to.push(draft.place(other));
                }
            }
            to
        };
        for state in 0..self.live {
            let to = targets(self, state);
            let row = self.rows[state];
            let certain = row == Row::Stated && self.dice.percent(15);
            let share = 0.9 / to.len() as f64;
            for (i, to) in to.iter().enumerate() {
                let name = format!("t{state}_{i}");
                // Into an absorbing state with what is first: another row, which is of rates.
                let apart = first && to.starts_with("dead");
                let rest = certain && i == 0 && !apart;
                let how = match row {
                    _ if rest => "probability = \"rest\"".to_string(),
                    Row::Stated if !apart => self.stated(&name, share),
                    _ => {
                        self.hazards.push(name.clone());
                        self.hazard(state)
                    }
                };
                let to = self.to(to);
                self.transitions
                    .push(format!("[transitions.{name}]\nfrom = \"s{state}\"\nto = {to}\n{how}\n"));
            }
        }
        // From a group: where all rows are of rates, or what is first has a row of its own.
        let all_rates = self.rows.iter().all(|row| *row == Row::Rates);
        if self.absorbing > 0 && (first || all_rates) {
            let dead = format!("dead{}", self.absorbing - 1);
            let how = match self.age && self.dice.percent(60) {
                true => {
                    let ratio = self.parameter("hr", 1.3, "");
                    format!("table = \"mortality\"\nhazard_ratio = \"{ratio} * if(state == s0, 1, 1.2)\"")
                }
                false => self.distribution("time_in(alive)"),
            };
            self.hazards.push("die".into());
            self.transitions.push(format!("[transitions.die]\nfrom = \"alive\"\nto = \"{dead}\"\n{how}\n"));
        }
        let rates = self.group.iter().all(|&s| self.rows[s] == Row::Rates);
        let outside = (0..self.live).find(|s| !self.group.contains(s));
        if rates
            && self.group.len() > 1
            && let Some(to) = outside
        {
            let how = match self.dice.percent(50) {
                true => self.distribution("time_in(grp)"),
                false => {
                    let rate = self.parameter("rate", 0.3, "per year");
                    // Two clocks in one hazard: neither can be looked up alone.
                    format!("rate = \"{rate} * exp(-0.3 * time_in(grp)) * if(time < 1 year, 1, 1.4)\"")
                }
            };
            self.hazards.push("leave".into());
            self.transitions.push(format!("[transitions.leave]\nfrom = \"grp\"\nto = \"s{to}\"\n{how}\n"));
        }
    }

    /// The name of a state by its number.
    fn place(&self, state: usize) -> String {
        match state < self.live {
            true => format!("s{state}"),
            false => format!("dead{}", state - self.live),
        }
    }

    /// Where a transition leads: a state, or branches; one may keep the patient.
    fn to(&mut self, to: &str) -> String {
        if to.starts_with("dead") || !self.dice.percent(25) {
            return format!("\"{to}\"");
        }
        let share = self.dice.between(0.05, 0.6);
        let share = match self.dice.percent(50) {
            true => format!("\"{}\"", self.parameter("proportion", share, "")),
            false => share.to_string(),
        };
        match self.dice.percent(50) || self.absorbing == 0 {
            true => format!("{{ stay = {{ share = {share}, to = \"same state\" }}, {to} = \"rest\" }}"),
            false => format!("{{ dead0 = {share}, {to} = \"rest\" }}"),
        }
    }

    /// A probability that holds as stated, of at most `most`.
    fn stated(&mut self, name: &str, most: f64) -> String {
        match self.dice.below(4) {
            0 => {
                let rate = self.dice.between(0.05, 0.8) * self.per_year;
                // 1 - exp(-w) is below w.
                let rate = (rate * most).min(most * self.per_year);
                let rate = self.parameter("rate", rate, "per year");
                format!("rate = \"{rate}\"\nstated = true")
            }
            1 if self.cycles > 2 => {
                self.probabilities.push(name.to_string());
                let p = self.dice.between(0.2, 1.0) * most;
                let p = self.parameter("probability", p, "per cycle");
                format!("probability = \"{p} * if(cycle > 2, 0.8, 1)\"")
            }
            _ => {
                self.probabilities.push(name.to_string());
                let p = self.dice.between(0.05, 1.0) * most;
                let p = self.parameter("probability", p, "per cycle");
                format!("probability = \"{p}\"")
            }
        }
    }

    /// The hazard of a transition out of one state, which may read every clock that runs there.
    fn hazard(&mut self, state: usize) -> String {
        let mut clocks = vec!["time".to_string(), format!("time_in(s{state})"), "time_in(alive)".to_string()];
        if self.group.contains(&state) {
            clocks.push("time_in(grp)".into());
        }
        if self.age {
            clocks.push("age".into());
        }
        let rate = self.dice.between(0.02, 0.9);
        match self.dice.below(9) {
            0 => format!("rate = {rate}"),
            1 if self.sex => {
                let name = self.parameter("rate", rate, "per year");
                format!("rate = \"{name} * if(sex == female, 1, 0.6)\"")
            }
            2 => {
                let name = self.parameter("rate", 100.0 * rate, "per 100 person-years");
                let clock = self.dice.pick(&clocks[..3]).clone();
                let length = 1.0 / self.per_year;
                let after = self.dice.between(0.5, 4.0) * length;
                format!("rate = \"{name} * if({clock} < {after}, 1, 0.4)\"")
            }
            3 => {
                let name = self.parameter("rate", rate, "per year");
                let (one, other) =
                    (self.dice.pick(&clocks[..3]).clone(), self.dice.pick(&clocks[..3]).clone());
                format!("rate = \"{name} * exp(-0.2 * {one}) * (1 + 0.3 * {other})\"")
            }
            4 => {
                let p = self.parameter("probability", self.per_year.recip().min(1.0) * 0.3, "per year");
                format!("rate = \"rate({p}) * lookup(norms, time)\"")
            }
            5 if self.age => {
                let name = self.parameter("rate", rate, "per year");
                format!("rate = \"{name} * exp(0.04 * (age - 60))\"")
            }
            6 => format!("rate = {}", 0.01 * rate),
            _ => {
                let clock = self.dice.pick(&clocks).clone();
                let ratio = match self.dice.below(3) {
                    0 => String::new(),
                    1 => format!("\nhazard_ratio = \"{}\"", self.parameter("hr", 0.8, "")),
                    // On another clock than the distribution.
                    _ => format!("\nhazard_ratio = \"if(time < {}, 1.5, 0.7)\"", 2.0 / self.per_year),
                };
                self.distribution(&clock) + &ratio
            }
        }
    }

    /// A time distribution with a hazard that is neither tiny nor huge.
    fn distribution(&mut self, clock: &str) -> String {
        // On the scale of ages, time is long.
        let scale = if clock == "age" { 60.0 } else { 1.0 };
        let years = self.dice.between(1.0, 6.0) * scale;
        let how = match self.dice.below(7) {
            0 => format!("exponential = {{ rate = {} }}", self.dice.between(0.05, 0.5)),
            1 | 2 => {
                let shape = self.dice.between(0.7, 2.5);
                let scale = self.parameter("mean_time", years, "years");
                format!("weibull = {{ shape = {shape}, scale = \"{scale}\" }}")
            }
            3 => {
                format!("gompertz = {{ shape = {}, rate = {} }}", 0.08, self.dice.between(0.01, 0.1) / scale)
            }
            4 => format!("loglogistic = {{ shape = {}, scale = {years} }}", self.dice.between(0.8, 2.5)),
            5 => format!(
                "lognormal = {{ time_unit = \"years\", meanlog = {}, sdlog = 0.8 }}",
                (years.ln() * 100.0).round() / 100.0
            ),
            _ => format!("gamma = {{ shape = {}, rate = {} }}", self.dice.between(0.8, 3.0), 1.5 / years),
        };
        format!("{how}\nclock = \"{clock}\"")
    }

    fn strategies(&mut self) -> Vec<String> {
        let mut all = vec!["[strategies.x0]\nreference = true\n".to_string()];
        for x in 1..=self.dice.below(3) {
            let mut text = format!("[strategies.x{x}]\n");
            if self.dice.percent(30) {
                let who = match self.sex && self.dice.percent(50) {
                    true => "sex == female",
                    false => "state == s0",
                };
                text += &format!("eligible = \"{who}\"\notherwise = \"x0\"\n");
            }
            if self.dice.percent(30) {
                let share = self.dice.between(0.0, 0.3);
                text += &match self.absorbing {
                    0 => format!(
                        "at_start = {{ s0 = {share}, fine = {{ share = \"rest\", to = \"same state\" }} }}\n"
                    ),
                    _ => format!(
                        "at_start = {{ dead0 = {share}, fine = {{ share = \"rest\", to = \"same state\" }} }}\n"
                    ),
                };
            }
            if self.dice.percent(30) {
                let rates: Vec<String> = self
                    .parameters
                    .iter()
                    .filter_map(|row| row.split_once(",rate,").map(|(name, _)| name.to_string()))
                    .collect();
                // A rate that is lower under this strategy; never higher, so that stated rows stay below 1.
                if let Some(row) = rates.first() {
                    text += &format!("parameters = {{ {row} = 0.01 }}\n");
                }
            }
            text += &self.effects(x);
            all.push(text);
        }
        all
    }

    fn effects(&mut self, strategy: usize) -> String {
        let mut text = String::new();
        for _ in 0..self.dice.below(3) {
            let stated = !self.probabilities.is_empty() && (self.hazards.is_empty() || self.dice.percent(50));
            let (on, how) = match stated {
                true => (self.dice.pick(&self.probabilities).clone(), "relative_risk"),
                false if self.hazards.is_empty() => continue,
                false => (self.dice.pick(&self.hazards).clone(), "hazard_ratio"),
            };
            let ratio = match stated {
                true => {
                    let size = self.dice.between(0.3, 1.0);
                    self.parameter("rr", size, "")
                }
                false => {
                    let size = self.dice.between(0.3, 1.6);
                    self.parameter("hr", size, "")
                }
            };
            text += &format!("[[strategies.x{strategy}.effects]]\non = [\"{on}\"]\n{how} = \"{ratio}\"\n");
            let length = 1.0 / self.per_year;
            let years = |cycles: usize| format!("\"{} years\"", cycles as f64 * length);
            match self.dice.below(4) {
                0 if self.cycles >= 8 => {
                    text += &format!("full_until = {}\ngone_after = {}\n", years(3), years(6));
                }
                1 if self.cycles >= 8 => {
                    text += &format!(
                        "onset = {}\nfull_until = {}\ngone_after = {}\n",
                        years(2),
                        years(3),
                        years(6)
                    );
                }
                2 if self.cycles >= 8 => text += &format!("onset = {}\n", years(3)),
                _ => {}
            }
        }
        text
    }

    fn endpoints(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        let last = self.live + self.absorbing - 1;
        if last > 0 {
            let enters = self.place(last);
            let competing = match self.live {
                n if n > 2 && self.dice.percent(50) => format!("competing = [\"s{}\"]\n", n - 2),
                _ => String::new(),
            };
            all.push(format!("[endpoints.e0]\nenters = \"{enters}\"\n{competing}"));
        }
        if self.live > 1 {
            let dead = if self.absorbing > 0 { "competing = [\"dead0\"]\n" } else { "" };
            all.push(format!("[endpoints.e1]\nenters = \"s1\"\n{dead}"));
            all.push(format!("[endpoints.e2]\nfires = [\"t0_0\"]\n{dead}"));
        }
        all
    }

    fn rewards(&mut self) -> (Vec<String>, Vec<String>) {
        let (mut outcomes, mut rewards) = (Vec::new(), Vec::new());
        for o in 0..self.dice.below(4) {
            let correction = *self.dice.pick(&[
                "\"start\"",
                "\"end\"",
                "\"life-table\"",
                "\"half-cycle\"",
                if self.cycles.is_multiple_of(2) { "\"simpson\"" } else { "\"start\"" },
                "{ first = \"1/3\", repeat = [1.0, 0.9], last = 0.4 }",
            ]);
            let by_points = !matches!(correction, "\"start\"" | "\"end\"" | "\"life-table\"");
            let at = match by_points {
                true => "",
                false => self.dice.pick(&["start", "middle", "end", "point"]),
            };
            let at = if at.is_empty() { String::new() } else { format!(", at = \"{at}\"") };
            let compounding = *self.dice.pick(&["annual", "continuous", "whole years"]);
            let discount = match self.dice.below(3) {
                0 => "\"none\"".to_string(),
                1 => format!("{{ rate = 0.035{at}, compounding = \"{compounding}\" }}"),
                _ => {
                    let rate = self.parameter("number", 0.03, "");
                    format!(
                        "{{ rate = \"{rate}\"{at}, compounding = \"{compounding}\", later = [{{ after = \"1 year\", rate = 0.015 }}] }}"
                    )
                }
            };
            let weighted = match self.dice.percent(30) {
                true => "one_off = \"weighted with the arrival cycle\"\n",
                false => "",
            };
            outcomes.push(format!(
                "[outcomes.o{o}]\nunit = \"points\"\ncorrection = {correction}\ndiscount = {discount}\n{weighted}"
            ));
            for r in 0..1 + self.dice.below(4) {
                let reward = self.reward(r, by_points);
                rewards.push(format!("[rewards.r{o}_{r}]\noutcome = \"o{o}\"\n{reward}"));
            }
        }
        (outcomes, rewards)
    }

    fn reward(&mut self, number: usize, by_points: bool) -> String {
        let size = self.dice.between(1.0, 100.0);
        let mut text = match number {
            0 => String::new(),
            1 => "category = \"Care\"\n".to_string(),
            _ => "loss = true\n".to_string(),
        };
        let name = self.parameter("number", size, "");
        let state = self.dice.below(self.live);
        let shape = match self.dice.below(6) {
            0 => format!(" * exp(-0.1 * time_in(s{state}))"),
            1 => " * if(time < 1 year, 1, 0.5)".to_string(),
            2 if self.age => " * (1 + 0.01 * age)".to_string(),
            3 if !by_points => " * if(cycle <= 2, 1, 0.7)".to_string(),
            4 if self.sex => " * if(sex == male, 1.1, 0.9)".to_string(),
            _ => String::new(),
        };
        text += &match self.dice.below(7) {
            0 | 1 => format!("per_year = \"{name}{shape}\"\nin = \"s{state}\"\n"),
            2 => format!(
                "per_year = \"{name} * if(state == s0, 1, 0.5) * lookup(norms, time)\"\nin = \"alive\"\n"
            ),
            3 => format!("once = \"{name}\"\non = \"t{state}_0\"\n"),
            4 if self.live > 1 => {
                format!("once = \"{name} * if(time < 1 year, 1, 0.5)\"\non_entering = \"s1\"\n")
            }
            5 => format!("once = \"{name}{shape}\"\non_leaving = \"s{state}\"\n"),
            _ => format!("once = \"{name}\"\nat_start = true\n"),
        };
        text
    }

    fn mortality(&mut self) -> String {
        let sexes: &[&str] = if self.sex { &["female", "male"] } else { &[""] };
        let mut text = match self.sex {
            true => "age,sex,value\n".to_string(),
            false => "age,value\n".to_string(),
        };
        for age in [30, 45, 55, 60, 61, 62, 70, 80, 100] {
            for (i, sex) in sexes.iter().enumerate() {
                let value = 0.001 * (1.0 + i as f64) * (0.07 * f64::from(age - 30)).exp();
                let sex = if sex.is_empty() { String::new() } else { format!("{sex},") };
                text += &format!("{age},{sex}{value:.6}\n");
            }
        }
        text
    }
}
