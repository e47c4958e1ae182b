-- What said nothing and what could not be seen were kept alike: both are looked at again.
DELETE FROM looks WHERE look = '';
