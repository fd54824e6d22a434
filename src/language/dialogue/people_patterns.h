// The sentence patterns of the wording `people` (people_wording.h). A field in braces is filled by people_wording.cpp.
#pragma once

#include <array>
#include <string_view>

namespace latentcrs::agenda {

/// The words that people use for a genre. {item}: "movie", {items}: "movies".
struct PeopleGenre {
  std::string_view facet;
  std::array<std::string_view, 4> one;   ///< nouns, without an article
  std::array<std::string_view, 4> many;  ///< their plurals, also after "I like"
  std::array<std::string_view, 4> such;  ///< after "something"
};

inline constexpr PeopleGenre kPeopleGenres[] = {
    {"Action",
     {"action {item}", "action {item}", "action flick", "action film"},
     {"action {items}", "action", "action flicks", "action films"},
     {"action packed", "with action", "with a lot of action", "exciting"}},
    {"Adventure",
     {"adventure {item}", "adventure", "adventure film", "adventure {item}"},
     {"adventure {items}", "adventures", "adventure", "adventure films"},
     {"adventurous", "with adventure", "with an adventure", "adventurous"}},
    {"Animation",
     {"animated {item}", "cartoon", "animated film", "animation"},
     {"animated {items}", "cartoons", "animated films", "animation"},
     {"animated", "animated", "in animation", "like a cartoon"}},
    {"Children's",
     {"kids {item}", "family {item}", "children's {item}", "{item} for my kids"},
     {"kids {items}", "family {items}", "children's {items}", "family films"},
     {"kid friendly", "for the whole family", "for kids", "for the children"}},
    {"Comedy",
     {"comedy", "funny {item}", "comedy {item}", "comedy"},
     {"comedies", "funny {items}", "comedy {items}", "comedy"},
     {"funny", "hilarious", "that makes me laugh", "light hearted and funny"}},
    {"Crime",
     {"crime {item}", "gangster {item}", "mob {item}", "heist {item}"},
     {"crime {items}", "gangster {items}", "mob {items}", "crime dramas"},
     {"about crime", "with gangsters", "about a heist", "about the mafia"}},
    {"Documentary",
     {"documentary", "documentary", "documentary film", "{item} that is true"},
     {"documentaries", "documentaries", "documentary films", "true stories"},
     {"like a documentary", "true", "real", "about real life"}},
    {"Drama",
     {"drama", "drama", "drama {item}", "dramatic {item}"},
     {"dramas", "drama", "drama {items}", "dramatic {items}"},
     {"dramatic", "serious", "with drama", "emotional"}},
    {"Fantasy",
     {"fantasy {item}", "fantasy", "fantasy film", "{item} with magic"},
     {"fantasy {items}", "fantasy", "fantasy films", "fantasies"},
     {"with fantasy", "magical", "with magic", "like a fairy tale"}},
    {"Film-Noir",
     {"film noir", "noir {item}", "noir", "film noir"},
     {"film noir", "noir {items}", "noir films", "noirs"},
     {"noir", "dark", "like a film noir", "noir"}},
    {"Horror",
     {"horror {item}", "scary {item}", "horror film", "slasher"},
     {"horror {items}", "scary {items}", "horror", "slashers"},
     {"scary", "creepy", "with monsters", "really scary"}},
    {"Musical",
     {"musical", "musical", "musical {item}", "{item} with songs"},
     {"musicals", "musicals", "musical {items}", "musical films"},
     {"musical", "with music", "with singing", "with singing and dancing"}},
    {"Mystery",
     {"mystery", "mystery {item}", "detective {item}", "mystery"},
     {"mysteries", "mystery {items}", "detective {items}", "mystery"},
     {"mysterious", "with a mystery", "with a twist", "with a detective"}},
    {"Romance",
     {"romance", "romantic {item}", "love story", "romance {item}"},
     {"romance {items}", "romantic {items}", "love stories", "romance"},
     {"romantic", "with romance", "with a love story", "romantic"}},
    {"Sci-Fi",
     {"sci-fi {item}", "science fiction {item}", "sci fi", "scifi {item}"},
     {"sci-fi {items}", "science fiction", "sci fi", "scifi {items}"},
     {"sci-fi", "with space", "with aliens", "science fiction"}},
    {"Thriller",
     {"thriller", "thriller", "thriller {item}", "suspense {item}"},
     {"thrillers", "thrillers", "suspense {items}", "thriller {items}"},
     {"suspenseful", "thrilling", "with suspense", "that keeps me on the edge of my seat"}},
    {"War",
     {"war {item}", "war film", "military {item}", "war {item}"},
     {"war {items}", "war films", "military {items}", "war"},
     {"about war", "about the war", "with soldiers", "about the military"}},
    {"Western",
     {"western", "western", "western {item}", "cowboy {item}"},
     {"westerns", "westerns", "cowboy {items}", "western {items}"},
     {"western", "with cowboys", "with cowboys", "like a western"}},
};

inline constexpr std::string_view kPeopleGreetings[] = {
    "Hi",
    "Hello",
    "Hey",
    "Hi!",
    "Hello!",
    "Hi there",
    "Good morning",
    "Hi, how are you?",
    "Hello, how are you today?",
    "Hey, how's it going?",
    "I'm good, thanks. How are you?",
    "I am doing great, thanks",
    "Hi, can you help me find a good {item}?",
    "Hello, I need a {item} for tonight",
};

// {a}: "a good action movie"; {many}: "comedies"; {such}: "funny".
inline constexpr std::string_view kPeopleRequests[] = {
    "I'm looking for {a}",
    "I am looking for {a}. Can you help me?",
    "Looking for {a}",
    "Can you recommend {a}?",
    "Do you know of {a}?",
    "I'd like to {verb} {a}",
    "I'm in the mood for {a}",
    "Can you suggest {a} for me?",
    "I need {a} for tonight",
    "I want {a}",
    "I like {many}",
    "I really like {many}",
    "I love {many}",
    "I love {many}! Do you have any suggestions?",
    "I enjoy {many}",
    "I'm a big fan of {many}",
    "I mostly {verb} {many}",
    "{many} are my favorite",
    "Do you know any good {many}?",
    "Any good {many}?",
    "Can you recommend some good {many}?",
    "Have you seen any good {many} lately?",
    "I like all kinds of {many}",
    "Maybe {many}",
    "I usually go for {many}",
    "I am looking for something {such}",
    "I'd like something {such}",
    "I want to see something {such}",
    "Something {such} would be great",
    "Do you have anything {such}?",
};

inline constexpr std::string_view kPeopleMore[] = {
    "I was thinking more of {many}",
    "Something more like {a}",
    "Do you have something {such}?",
    "Maybe something {such}",
    "How about {a}?",
    "What about {many}?",
    "I would rather have something {such}",
    "Any other {many}?",
    "I like {many} too",
    "I also like {many}",
    "{many}, I suppose",
    "Any {many} like that?",
};

// {many}: of a genre that the wanted item does not have.
inline constexpr std::string_view kPeopleRejections[] = {
    "I don't really like {many}",
    "I don't like {many}",
    "I'm not a fan of {many}",
    "I am not into {many}",
    "Not too much of {many}, please",
    "No {many} please",
    "I hate {many}",
    "I'm not in the mood for {many}",
    "I don't {verb} {many}",
    "I'm not really a fan of {many}",
};

inline constexpr std::string_view kPeopleReactions[] = {
    "I have seen that one",
    "I've seen that one, it was great",
    "I loved that one",
    "Yes, I really liked it",
    "I have not seen that one",
    "No, I haven't seen it. Is it good?",
    "I've never heard of that one",
    "That sounds good",
    "I haven't seen it yet but I want to",
    "I saw that, it was okay",
    "I didn't like that one",
    "Yes, great {item}. Anything else?",
    "Ok, what else do you have?",
    "Who is in it?",
    "What is it about?",
    "I'm open to anything",
    "I will check it out",
    "Thanks",
    "Yes",
    "Any other suggestions?",
};

inline constexpr std::string_view kPeopleOpen[] = {
    "I'm open to anything",      "Can you recommend a {item}?",          "I am looking for a {item} to {verb}",
    "What {items} do you like?", "I like pretty much everything",        "Any genre is fine",
    "What do you recommend?",    "I just want to {verb} something good",
};

// {title}: as people write it, with or without the year.
inline constexpr std::string_view kPeopleLiked[] = {
    "I really liked {title}",     "I loved {title}",        "Something like {title}", "{title} is my favorite",
    "I like movies like {title}", "My favorite is {title}",
};

inline constexpr std::string_view kPeopleAdjectives[] = {"good", "great", "really good", "fun", "classic", "nice"};

}  // namespace latentcrs::agenda
