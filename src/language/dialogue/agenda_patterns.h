// The sentence patterns of the agenda simulator. A field in braces is filled by agenda_wording.cpp.
#pragma once

#include <string_view>

namespace latentcrs::agenda {

// {np}: the noun phrase for the wanted item, with its article. {item}: "movie". {verb}, {ing}: "watch", "watching".
inline constexpr std::string_view kOpenings[] = {
    "I'm looking for {np}.",          "I'm in the mood for {np}.",
    "Could you recommend {np}?",      "Can you suggest {np}?",
    "I'd love to {verb} {np}.",       "What I want right now is {np}.",
    "I feel like {ing} {np}.",        "I'd like to {verb} {np} next.",
    "Please help me find {np}.",      "Do you have {np} for me?",
    "I've been craving {np} lately.", "Is there {np} you would recommend?",
    "I was hoping for {np}.",         "I could really go for {np}.",
    "Show me {np}, please.",          "I fancy {np}.",
    "It should be {np} this time.",   "I'd like {np}, if you have one.",
    "I'm hoping to find {np}.",       "Would you know {np} worth {ing}?",
    "My next {item} should be {np}.", "I want to {verb} {np}.",
    "Give me {np}, please.",
};

// After a refusal.
inline constexpr std::string_view kReveals[] = {
    "I'd rather have {np}.",
    "What I want is {np}.",
    "Think of {np}.",
    "I meant {np}.",
    "Maybe it helps to know that I want {np}.",
    "More precisely, I'm after {np}.",
    "To be clearer, I want {np}.",
    "Try {np} instead.",
    "Picture {np}.",
    "I was thinking of {np}.",
    "It should be {np}.",
    "The one I have in mind is {np}.",
    "How about {np}?",
    "Let me add that it is {np}.",
    "Could you look for {np}?",
    "I'm hoping for {np}.",
};

// After a refusal, when everything was said before.
inline constexpr std::string_view kRepetitions[] = {
    "As I said, I want {np}.",
    "I can only repeat that I want {np}.",
    "I still want {np}.",
    "It really has to be {np}.",
    "Once more, it is {np} that I'm after.",
    "I'm still looking for {np}.",
    "Please keep looking for {np}.",
    "Again, think of {np}.",
    "My wish is the same, {np}.",
    "There must be {np} somewhere.",
};

inline constexpr std::string_view kGreetings[] = {
    "Hi!", "Hello!", "Hi there.", "Hey!", "Good evening.", "Hello there.", "Hey there.", "I need some help.",
};

inline constexpr std::string_view kClosings[] = {
    "Any ideas?",          "What would you suggest?",  "What do you have?", "Can you help?",        "Thanks!",
    "What comes to mind?", "I'm open to suggestions.", "Surprise me.",      "Where should I start?"};

inline constexpr std::string_view kRefusals[] = {
    "Not those, I'm afraid.",
    "None of these, sorry.",
    "Thanks, but that's not it.",
    "No, I have something else in mind.",
    "Hmm, not quite.",
    "Those don't do it for me.",
    "I'll pass on these.",
    "Close, but no.",
    "That's not what I'm after.",
    "Those aren't what I meant.",
    "I'd rather not {verb} any of those.",
    "Nice try, but no.",
    "No luck yet.",
    "These are not for me.",
    "No, none of them.",
    "Not really.",
    "I don't think so.",
    "Sorry, still no.",
};

inline constexpr std::string_view kAcceptances[] = {
    "Yes, that's the one I was hoping for. Thank you!",
    "Perfect, that is exactly what I wanted.",
    "That's it, thanks a lot!",
    "Great, I'll {verb} that one. Thank you!",
};

// Follow a noun phrase. {title}: in quotes.
inline constexpr std::string_view kLikenessPhrases[] = {
    "in the spirit of {title}",   "along the lines of {title}",    "in the vein of {title}",
    "that reminds me of {title}", "for someone who loved {title}", "that would go well with {title}",
    "a bit like {title}",         "as enjoyable as {title}"};

// Sentences of their own.
inline constexpr std::string_view kLikenessSentences[] = {
    "I really enjoyed {title}, so something close to it would be great.",
    "{title} is a favourite of mine.",
    "Bonus points if it reminds me of {title}.",
    "I keep coming back to {title}.",
    "It should please someone who loved {title}.",
    "I had a great time with {title}.",
    "Think of {title} and you are not far off.",
    "If you know {title}, you know what I like.",
    "{title} was right up my street.",
    "Last time it was {title}, and I'd like more of that.",
};

// {words}: "lush and orchestral", from the description.
inline constexpr std::string_view kKeywordSentences[] = {
    "I think of words like {words}.",
    "The description mentioned {words}.",
    "Keywords would be {words}.",
    "I remember {words} from what I read about it.",
    "People describe it with words like {words}.",
    "It has to do with {words}.",
    "What I read about it spoke of {words}.",
    "{words} would describe it well.",
};

inline constexpr std::string_view kAdjectives[] = {"good",  "great",     "really good", "decent", "nice",
                                                   "solid", "well-made", "proper",      "fun",    "memorable"};

// Follow a noun phrase. {when}: "the early nineties".
inline constexpr std::string_view kDecadePhrases[] = {"from {when}", "from {when}", "made in {when}",
                                                      "that came out in {when}"};

inline constexpr std::string_view kYearPhrases[] = {"from {year}", "released in {year}", "that came out in {year}",
                                                    "made in {year}"};

// Noun phrases for two genres. {a1}, {a2}: "a drama"; {m1}, {m2}: "drama"; {an_m1_2}: "a crime drama".
inline constexpr std::string_view kGenrePairs[] = {
    "{an_m1_2}",
    "{an_m1_2}",
    "a mix of {m1} and {m2}",
    "something between {m1} and {m2}",
    "something with both {m1} and {m2}",
    "{a1} with plenty of {m2} in it",
    "{a1} that is also {a2}",
    "a {item} that blends {m1} with {m2}",
    "a {item} with {m1} as well as {m2}",
};

// Noun phrases for shop categories, which are no genres. {c1}, {c2}: their names; {an_c1}: "a Jazz CD".
inline constexpr std::string_view kSingleCategories[] = {"{an_c1}", "{an_c1}", "something from the {c1} section",
                                                         "a {item} filed under {c1}", "something under {c1}"};

inline constexpr std::string_view kCategoryPairs[] = {
    "a {item} filed under {c1} and {c2}",
    "something from the {c1} and {c2} sections",
    "{an_c1} that is also listed under {c2}",
    "something under both {c1} and {c2}",
};

// Noun phrases for items that people have together with the target. {c1}, {c2}: their ids; {an_item}: "a movie".
inline constexpr std::string_view kSingleNeighbours[] = {"{an_item} that goes with {c1}", "something to go with {c1}",
                                                         "something that people have together with {c1}",
                                                         "{an_item} close to {c1}"};

inline constexpr std::string_view kNeighbourPairs[] = {
    "{an_item} that goes with {c1} and {c2}",
    "something that people have together with {c1} and {c2}",
    "something close to {c1} and to {c2}",
    "{an_item} between {c1} and {c2}",
};

inline constexpr std::string_view kNames[] = {"twenties", "thirties",  "forties",  "fifties",
                                              "sixties",  "seventies", "eighties", "nineties"};

}  // namespace latentcrs::agenda
