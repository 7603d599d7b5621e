//! Models that are valid by construction, with some damage done to them: what the grammar of scenarios would have to be
//! guessed for otherwise. The first eight bytes are the key of the dice, the ninth how often to damage, and what.

#![no_main]

#[path = "../../common/damage.rs"]
mod damage;
#[path = "../../common/dice.rs"]
mod dice;
#[path = "../../common/readers.rs"]
mod readers;
#[path = "../../common/written.rs"]
mod written;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((key, rest)) = input.split_first_chunk() else {
        return;
    };
    let mut dice = dice::Dice::new(u64::from_le_bytes(*key));
    let mut files = written::written(&mut dice).files();
    for &byte in rest.iter().take(4) {
        let victim = &mut files[usize::from(byte) % 4].1;
        *victim = damage::damage(victim, &mut dice).0;
    }
    let texts: Vec<String> = files
        .iter()
        .map(|(name, text)| match *name {
            "scenario.toml" => text.clone(),
            _ => format!("\n{}{name}\n{text}", readers::NEXT_FILE),
        })
        .collect();
    readers::by_name("run")(texts.concat().as_bytes());
});
