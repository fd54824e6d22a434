"""Invented ratings and items of any size, in the form of MovieLens' CSV files, with NumPy and one seed.

Items belong to topics, and within a topic their popularity has a long tail. A user likes two topics. The next item is, half of the
time, one that follows the last one in its topic, and otherwise a popular one of either topic, so that sequences can be learned."""
import numpy

BLOCK = 200_000  # users at a time
FIRST_WORDS = """Amber Ancient Bitter Blue Bright Broken Burning Clever Cold Copper Crimson Crooked Dark Distant Dusty Early Eastern Empty
Endless Fading Fallen Final Foggy Forgotten Frozen Gentle Gilded Golden Green Grey Hidden Hollow Hungry Iron Last Little Lonely Lost
Lucky Marble Midnight Misty Narrow Northern Old Pale Paper Patient Quiet Rapid Red Restless Royal Rusty Salty Scarlet Second Secret
Shallow Silent Silver Southern Stolen Winter""".split()
SECOND_WORDS = """Anchor Answer Arrow Autumn Bakery Balcony Bell Border Bridge Candle Captain Castle Circus Clock Coast Compass Corner
Crossing Daughter Desert Diary Door Echo Engine Evening Farewell Feather Ferry Fever Field Fire Forest Garden Gate Ghost Harbour Hotel
Hunter Island Journey Key Ladder Lantern Letter Market Mirror Morning Mountain Night Orchard Painter Passage Piano Promise Queen Raven
River Road Sailor Shadow Soldier Station Storm Witness""".split()
PLACES = """Abilene Aberdeen Adelaide Aleppo Alma Antwerp Arles Athens Avila Baku Basel Bergen Bologna Bremen Bruges Burgos Cadiz Cairo
Calais Cardiff Como Cork Cracow Delft Dover Dresden Durban Evora Faro Fez Galway Geneva Ghent Girona Graz Havana Jaffa Kyoto Lahore
Leeds Leon Lima Lyon Malaga Mantua Minsk Modena Nantes Naples Oporto Oslo Padua Parma Petra Pisa Porto Quito Riga Salem Siena Sofia
Tangier Turin Vienna""".split()
GENRES = """Action Adventure Animation Biography Comedy Crime Documentary Drama Family Fantasy History Horror Musical Mystery Nature
Romance Satire Sport Thriller Travel War Western""".split()


def topic_sizes(items):
    """How many items each topic has: 40 to 400 on average, unequal."""
    topics = int(numpy.clip(items / 100, 8, 2500))
    shares = 1 / numpy.arange(3, topics + 3) ** 0.5
    sizes = numpy.maximum(1, (items * shares / shares.sum()).astype(numpy.int64))
    sizes[0] += items - sizes.sum()
    return sizes


def title(item):
    words = [FIRST_WORDS[item % 64], SECOND_WORDS[item // 64 % 64], "of", PLACES[item // 4096 % 64]]
    return " ".join(words + (["Part", str(item // 262144 + 1)] if item >= 262144 else []))


def write_items(path, items, rng):
    topics = numpy.repeat(numpy.arange(len(topic_sizes(items))), topic_sizes(items))
    years, second = rng.integers(1930, 2020, items), rng.integers(0, len(GENRES), items)
    with open(path, "w", encoding="ascii") as out:
        out.write("movieId,title,genres\n")
        for item in range(items):
            genres = [GENRES[topics[item] % len(GENRES)], GENRES[topics[item] // len(GENRES) % len(GENRES)], GENRES[second[item]]]
            out.write(f"{item + 1},{title(item)} ({years[item]}),{'|'.join(dict.fromkeys(genres))}\n")


def block_of_sequences(users, items, per_user, rng):
    """Places in users' sequences, [n] users and [n] items in order, an item at most once a user."""
    sizes = topic_sizes(items)
    starts = numpy.cumsum(sizes) - sizes
    lengths = numpy.maximum(5, rng.lognormal(numpy.log(per_user) - 0.32, 0.8, users)).astype(numpy.int64)
    lengths = numpy.minimum(lengths, 20 * per_user)
    liked = (len(sizes) * rng.random((users, 2)) ** 1.5).astype(numpy.int64)
    topic, place = liked[:, 0].copy(), numpy.zeros(users, numpy.int64)
    columns = []
    for step in range(lengths.max()):
        active = numpy.flatnonzero(lengths > step)
        follows = rng.random(len(active)) < (0.5 if step else 0)
        new_topic = liked[active, rng.integers(0, 2, len(active))]
        popular = (sizes[new_topic] * rng.random(len(active)) ** 3).astype(numpy.int64)
        following = (place[active] + rng.integers(1, 4, len(active))) % sizes[topic[active]]
        topic[active] = numpy.where(follows, topic[active], new_topic)
        place[active] = numpy.where(follows, following, popular)
        columns.append((active, starts[topic[active]] + place[active]))
    user = numpy.concatenate([column[0] for column in columns])
    item = numpy.concatenate([column[1] for column in columns])
    order = numpy.argsort(user, kind="stable")
    user, item = user[order], item[order]
    first = numpy.sort(numpy.unique(user * items + item, return_index=True)[1])
    return user[first], item[first]


def write_ratings(path, users, items, per_user, rng):
    """Returns the number of ratings."""
    count = 0
    with open(path, "w", encoding="ascii") as out:
        out.write("userId,movieId,rating,timestamp\n")
        for begin in range(0, users, BLOCK):
            user, item = block_of_sequences(min(BLOCK, users - begin), items, per_user, rng)
            times = 1_500_000_000 + count + numpy.arange(len(user))
            count += len(user)
            for part in range(0, len(user), BLOCK):
                rows = slice(part, part + BLOCK)
                out.write("".join(f"{u},{i},5,{t}\n" for u, i, t in
                                  zip((user[rows] + begin + 1).tolist(), (item[rows] + 1).tolist(), times[rows].tolist())))
    return count


def generate(folder, users, items, per_user, seed):
    """Writes ratings.csv and movies.csv into `folder`, and returns the number of ratings."""
    folder.mkdir(parents=True, exist_ok=True)
    write_items(folder / "movies.csv", items, numpy.random.default_rng([seed, 1]))
    return write_ratings(folder / "ratings.csv", users, items, per_user, numpy.random.default_rng([seed, 2]))
